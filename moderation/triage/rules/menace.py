"""Threats said otherwise: deaths wished for, what "somebody should" do, conditions, hints at where someone lives.

Beside `violence`, whose direct threats always surface. Sources: Offences against the Person Act 1861 s.16;
Online Safety Act 2023 s.181; Malicious Communications Act 1988 s.1.
"""

from moderation.categories import Category
from moderation.triage.rule import Rule
from moderation.triage.rules.violence import FIGURATIVE

_WHOM = (
    r"(?:you|u|ya|yous|him|her|them|em|me|us|he|she|they|everyone|everybody|someone|somebody|this (?:man|woman|guy|clown|idiot|bastard|bitch|judge|mayor|so called \w+)|"
    r"that (?:man|woman|guy|lad|bitch|bastard|cunt|prick|judge|councillor|mp|officer|cop|copper|cyclist|driver|referee|ref|clown|traitor|rat|smug)|these|those|all of|every|each|the lot|the (?:bastards?|judge|mayor|councillor|mp|president|prime minister|cops?|police|officers?|pigs?|traitors?|scum)|"
    r"your|ur|his|their|my (?:neighbour|neighbor|boss|ex|landlord|husband|wife)|(?:a|the next|one of|another|any) (?:cop|copper|pig|officer|policeman|judge|mp|politician|journalist|traffic warden|referee|nurse|teacher)|cops?|coppers|pigs|politicians|traitors|paedos?|pedos?|nonces?|rapists|murderers|bankers|terrorists)"
)
_HARM = r"(?:kill|shoot|hang|lynch|stab|assassinate|execute|behead|castrate|burn|bomb|beat the (?:shit|crap|hell|life|living daylights) out of|string|stone|gas|drown|murder|slit|strangle|torture|skin|gut|butcher|poison|run over|ram|mow down|blow up|torch|shank|knife|slaughter|hunt|bury|smash|bash|batter|cave|rape|gouge|cripple|boil|peel|wreck|maim|punch|strangle the life out of|choke|headbutt|end|rip|slice|cut up|chop)"
_HARMED = (
    r"(?:put (?:you|him|her|them|that \w+|this \w+|every \w+) (?:in (?:the ground|a box|a coffin|hospital|a wheelchair|a grave|his grave|her grave)|six feet under|down|out of (?:his|her|their) misery)|beat (?:you|him|her|them|that \w+|this \w+)(?: [^ .?]+){0,3} (?:up|to death|senseless|badly|bloody|to a pulp|black and blue)|"
    r"break (?:your|his|her|their|both (?:of )?your|every bone)|take (?:you|him|her|them|this \w+|that \w+) (?:out|with me)|drag (?:you|him|her|them|this \w+) (?:out|into|by|through|down)|feed (?:you|him|her|them) to the|cut (?:you|his|her|your|off (?:your|his|her)|him|her|them)|finish (?:you|him|her|them) off|shut (?:you|it|him) (?:up|for) (?:for )?good|throw acid|make (?:you|him|her|them) (?:bleed|suffer|pay|scream)|ram (?:him|her|them|that \w+))"
)
_DONE = r"(?:shot|hanged|hung|killed|executed|lynched|stoned|burned|burnt|beheaded|castrated|put down|strung up|gassed|drowned|dragged|tortured|raped|stabbed|beaten|crucified|skinned|run over|assassinated|murdered|exterminated|dead|taken out|lined up|skinned alive|buried alive|jumped)"
_NOT_MEANT = (
    *FIGURATIVE,
    r"(?:(?:one|two|three|four|five|six|\\d) (?:nil|one|two|0|\\d)|on saturday|gravy|pizza|penalty|penalties|goal|referee decision|season|league|match|cup|score|telly|level|xbox|character|boss fight|recipe|oven|grill|butter|eggs|garlic|onions?|the (?:lights|engine|mood|music|process|script)|parking app|plant|plants|weeds|photo|video|bugs?|wasps?|flies|rats|spiders?|mosquito\w*|potholes?)",
    r"(?:shoot|drop|send) (?:me|us|him|her|them) (?:an? )?(?:message|email|text|line|dm)",
)

_DOOMED = r"(?:next|finished|done for|a goner|toast|six feet under|in a (?:box|coffin|grave|body bag|ditch|wheelchair|hole)|going to pay|gonna pay|going to regret|gonna regret|getting (?:it|done|killed|jumped|shot|stabbed|buried|smoked|dropped|merked|wetted|splashed|bodied))"
"""What somebody is said to be, beside dead, where they are threatened."""

RULES = (
    Rule(
        "menace.somebody_should",
        Category.THREAT_TO_LIFE,
        2,
        "Says that somebody should kill or hurt a person",
        words=(
            rf"(?:someone|somebody|anyone|anybody|we|i|they|you|cops|police|the army|people|the public|soldiers|inmates|prisoners) (?:all |really |just |seriously |please )*(?:should|needs? to|ought to|must|have to|has to|got to|gotta|better|could|can|please|pls|plz|will|would|wanna|want to|gonna|going to|hopefully) (?:all |really |just |please |have |happily |gladly |do us a favour and |go and |come and |personally )*(?:{_HARM} (?:\w+ )?{_WHOM}|{_HARMED})(?: .{{0,40}})?",
            r"(?:put|puts|needs?|deserves?|want|give|gave|take|with|one|two|a couple of|just) (?:\w+ )?(?:bullets?|slugs?|round|rounds) (?:\w+ )?(?:in|into|through|between|to|for|would|with)(?: .{0,30})?",
            r"(?:pull|pulling|squeeze) the trigger(?: myself)?",
            r"(?:just |please |go |and |lets |so |then |now |should |or )?(?:kill|hang|shoot|lynch|burn|gas|behead|execute|stab|castrate|murder|drown|nuke|torture|string|boil|skin|slaughter|stone) (?:them|him|her|em|the lot|these (?:people|scum|bastards|animals|politicians|traitors)|those (?:people|scum|bastards|animals|politicians|traitors)|every one|every last|all (?:of )?(?:them|these|those|the)|the (?:bastards?|cunt|bitch|scum|traitors?))(?: (?:all|alive|now|dead|up|slowly|off|down|already|too|first|at the stake|from .{0,30}|by .{0,30}|like .{0,30}|in .{0,30}))?",
            r"(?:death to|death penalty isnt enough for|firing squad for|bring (?:back|out) the (?:firing squad|guillotine|gallows|noose)|to the (?:gallows|guillotine)|up against (?:a|the) wall|against a wall and (?:shoot|shot))(?: .{0,40})?",
            r"(?:lets|we (?:should|need to|will|must|gotta)|time to|who wants to) (?:\w+ )?(?:hunt|find|get|drag|burn|lynch|string|round|take) (?:\w+ )?(?:him|her|them|these|those|this|that|the)(?: .{0,50})?(?:down|up|out|dead|alive|finish|hang|kill|beat|death|head|lesson|street|house)",
            r"(?:hunt|hunted|hunting) (?:you|him|her|them|these people|those people|his family|your family) (?:all )?down",
            r"(?:give|lock|put|leave|let) (?:him|her|them|me|us) (?:\w+ )?(?:to me|in a room|in a cell|alone with|five minutes|ten minutes|to the inmates|with (?:me|us))(?: .{0,40})?",
            r"(?:blow up|burn down|bomb|torch|firebomb|shoot up) (?:the|that|this|your|a|my|his|her|their|our) (?:\w+ )?(?:police station|station|school|office|offices|council|town hall|court|courthouse|parliament|mosque|church|synagogue|hotel|hostel|house|home|place|building|clinic|shop|hospital|college|mall)(?: .{0,30})?",
        ),
        unless=_NOT_MEANT,
        quoted=False,
    ),
    Rule(
        "menace.deserves_death",
        Category.THREAT_TO_LIFE,
        3,
        "Says that a person deserves to die or to be hurt",
        words=(
            rf"(?:should|shouldve|should have|needs? to|ought to|must|deserves? to|wants?|gotta|got to|going to|gonna|will|can|better|hope to see \w+) (?:\w+ )?(?:be|get|end up|have been) (?:\w+ )?<2w>{_DONE}(?: .{{0,30}})?",
            r"(?:deserves?|earned|asking for|begging for|calls for|has coming|needs) (?:\w+ )?(?:a |the |to )?(?:slow |painful |horrible )?(?:die|death|bullet|noose|rope|hanging|lynching|beating|kicking|killing|knife|stabbing|shooting)(?: .{0,30})?",
            r"(?:too good|too quick|too easy|too kind|wasted) for (?:him|her|them|you|that|these|this)(?: .{0,20})?",
            r"(?:only good|best) (?:\w+ ){1,2}(?:is|are|s) (?:a )?dead(?: (?:one|ones|\w+))?",
            r"(?:world|country|town|society|everyone|we|place) (?:\w+ )?(?:would|will|be|is|are) (?:\w+ )?better (?:off )?(?:without (?:him|her|you|them)|if (?:he|she|you|they) (?:died|was dead|were dead|dropped dead))",
        ),
        unless=_NOT_MEANT,
        quoted=False,
    ),
    Rule(
        "menace.wish",
        Category.THREAT_TO_LIFE,
        2,
        "Wishes a person death or harm",
        words=(
            r"(?:hope|hoping|wish|wishing|pray|praying|want|love|like|cant wait|looking forward|wait|dream|enjoy|happy|glad|laugh) (?:\w+ )?(?:that |to see |to watch |to hear |for |when |if |the day |until )*(?:you|u|he|she|they|him|her|them|someone|somebody|your|ur|his|their|that|this|the|all of|every|these|those)(?: \w+){0,4} (?:die|dies|died|dead|drop dead|shot|gets shot|killed|gets killed|stabbed|gets stabbed|rapes?|raped|beaten|battered|burns?|burnt|hangs?|hanged|hung|chokes?|choke|crash and|drowns?|drown|bleeds?|suffers?|cancer|rots? in hell|run over|hit by a (?:bus|train|car|truck|lorry)|murdered|lynched|jumped|blown up|killed off|hurt|decapitated|paralysed|paralyzed)(?: .{0,30})?",
            r"(?:drop dead(?! gorgeous)|die slowly|burn in hell|die in a (?:fire|hole|ditch)|die you|rot in hell|choke on it and die|please die|just die|go die|go and die|die already|die (?:bitch|pig|scum|cunt|bastard))(?: .{0,30})?",
            r"(?:dance|spit|piss|pissing|dancing) on (?:your|his|her|their) graves?",
        ),
        unless=(
            *_NOT_MEANT,
            r"(?:i hope|hope) (?:no one|nobody|none)",
            r"(?:didnt|doesnt|dont|not|wasnt|never|isnt|arent) (?:\w+ )?(?:die|killed|hurt|suffer\w*|get hurt)",
            r"(?:find|catch|found|caught|justice|recover\w*|heal\w*|get well|thoughts|condolences|so sorry|sorry for|rip|family of|loved ones)",
        ),
        quoted=False,
    ),
    Rule(
        "menace.will_harm",
        Category.THREAT_TO_LIFE,
        2,
        "Says that harm will come to a person",
        words=(
            rf"(?:im|i am|ill|i will|ima|imma|finna|we will|were|weve|id|i would|i could|i swear|gonna|going to|gunna|gonny|boutta|bout to|about to|coming to|come and|i want to|wanna|let me|i shall|ill be|am|ah will|ahll|man will|we) (?:\w+ )?(?:gonna |going to |gunna |gonny |about to |happily |gladly |personally |come and |come over and |come round and |go round and |go and |going round to |find you and |make sure i |have to |love to |over there to )*(?:{_HARM} (?:\w+ )?{_WHOM}|{_HARMED})(?: .{{0,40}})?",
            r"(?:ill|i will|im gonna|we will|were gonna|gonna|going to|well) (?:\w+ )?(?:hunt|find|get|catch|come for|deal with|sort|do|have|see to) (?:you|u|him|her|them|your family|his family|your kids)(?: .{0,60})?(?:kill|dead|die|hurt|blood|bleed|pay|regret|sorry|grave|ground|hospital|down|promise|swear|gut|finish|end|bury|burn|throat|knife|gun|and your family)",
            r"(?:make sure|see to it|guarantee|promise|swear|bet) (?:that )?(?:you|he|she|they|u|nobody|his|her) (?:\w+ )?(?:never|wont|dont|doesnt|cant|pays?|suffers?|dies?|regrets?|bleeds?)(?: .{0,40})?(?:walk|breathe|see|make it|live|wake|again|pay|bleed|dies?|home|room|safe)",
            rf"(?<!when )(?<!until )(?<!till )(?<!after )(?:youre|you are|your|ur|u r|youll be|you) (?:all |so |both |fucking |already |soon |as good as )*(?:dead(?! to me)(?: (?:man|woman|meat|girl|boy|when|if|tonight|soon|next|tomorrow|by))?|{_DOOMED})(?: .{{0,20}})?",
            rf"(?:hes|shes|theyre|he is|she is|hell be|shell be|theyll be) (?:all |so |both |fucking |already |soon |as good as )*(?:dead (?:man|woman|meat|when|if|tonight|soon|next|tomorrow|by)|{_DOOMED})(?: .{{0,20}})?",
            r"(?:wont|will not|not gonna|not going to|not|never|aint|aint gonna|isnt|arent|lucky to|unlikely to) (?:\w+ )?(?:be |going to |gonna )?(?:see (?:tomorrow|morning|the (?:morning|week|year|weekend|end)|monday|tuesday|wednesday|thursday|friday|saturday|sunday|christmas|another|his|her|your)|make it (?:to|back|out|home|past)|live (?:to|through|long)|walk(?:ing)? (?:again|away|out|home)|leave(?:s)? (?:that|this|here|the) (?:room|house|place|town) alive|get(?:ting)? out alive|safe nowhere|safe anywhere|breathing|alive|laughing)(?: .{0,40})?",
            r"(?:body bag|in a body bag|blood (?:will be )?on (?:the|your|his|her)|lights out (?:for|pal|mate|son|bro|then)|meet your maker|six feet under|pushing up daisies|fishing (?:you|him|her|them) out|find (?:your|the|his|her) body|nobody will find|never find (?:your|the|his|her)|end up (?:in a (?:ditch|hole|grave|box|bag|coffin)|dead)|leave in a (?:box|body bag)|left bleeding|leave (?:him|her|you) (?:bleeding|leaking|for dead))(?: .{0,30})?",
            r"(?:bullet|knife|blade|gun|glock|\d\d|stick|pickaxe|bat|machete|rope|noose|hammer|petrol|rifle|shotgun|axe|billhook)<6w>(?:(?:your|his|her|ur) (?:name|address|head|house|door|neck|throat|face)|with your name|waiting for (?:you|him|her)|ready for (?:you|him|her)|for (?:you|him|her|them)|across (?:the|your|his|her) (?:neck|throat|face|head))",
            r"(?:slit|cut|slash|rip|tear|stab|smash|bash|cave|break|crack|knock|punch|kick|gouge|snap) (?:\w+ )?(?:that |his |her |your |ur |their )(?:\w+ )?(?:throat|neck|head|face|skull|teeth|legs|arms|fingers|eyes|heart|jaw|spine|kneecaps|guts)(?: .{0,30})?",
        ),
        unless=_NOT_MEANT,
        quoted=False,
    ),
    Rule(
        "menace.if_you",
        Category.THREAT_TO_LIFE,
        2,
        "Threatens for the case that somebody does something",
        words=(
            r"(?:if|next time|the minute|the second|soon as|anyone|anybody|whoever|dare|when|once) (?:i |you |he |she |they |u |we |him |her |that |who |anyone |your |my |ever )*(?:\w+ )?(?:see|sees|come|comes|touch|touches|show|shows|set|step|steps|go|goes|talk|talks|speak|speaks|call|calls|report|tell|tells|find|get|gets|catch|lay|look|looks|try|tries|mess|message|edit|ban|block|walks?|acquit|let|lets|hear|leave|leaves|snitch\w*|grass\w*|testif\w+|say|says|write|writes|print|post|crosses|cross)(?: [^ .?]+){0,12} (?:ill|i will|im gonna|im going to|we will|were gonna|hell|shell|theyll|youll|you will|he will|hes|shes|youre|theyre|gets?|getting|is|are|he wont|you wont|shoot|we will do) (?:\w+ )?<2w>(?:kill|shoot|stab|beat|batter|smash|break|burn|end|dead|die|regret|sorry|pay|knife|shot|stabbed|buried|bury|hurt|slice|gut|snap|strangle|legs|finished|bleed|leaving in|what the court|murder|hospital|make it|making it|back to|run|box|grave|throat|head|cut|cave|hunted)",
            r"(?:or|else|otherwise) (?:\w+ )?(?:ill|i will|im gonna|we will|youll|your (?:wife|kids|family|mum|daughter|son|house)|you) (?:\w+ )?<2w>(?:kill|shoot|stab|die|dead|gets? it|gets? hurt|burn|pay|regret|hurt|smash|break|bury|shut it for good)",
            r"(?:come|go|get|step|stay|keep) (?:\w+ )?(?:near|away from|on|onto|off) (?:my |her |him |me |us |the )?(?:\w+ )?(?:again |house |land |property |kid |kids |sister |brother |daughter |family )*(?:and|or) (?:ill|youll|you|im|i will|you will|they|theyll|youre|hes|hell)(?: .{0,40})?(?:kill|shoot|stab|dead|die|bury|buried|hurt|slice|regret|hospital|bag|fishing|burn|getting|grave|legs)",
            r"(?:trespass\w*|step on my land|on my (?:land|property))(?: .{0,40})?(?:body bag|shoot|shot|gun|shotgun|dead|bullet)",
            r"(?:snitch\w*|grass\w*|talk\w*|one word to) (?:\w+ )?<4w>(?:die|dead|stitches|ditch|ditches|finished|regret|hurt|you die|end up)",
        ),
        unless=_NOT_MEANT,
        quoted=False,
    ),
    Rule(
        "menace.veiled",
        Category.THREAT_TO_LIFE,
        2,
        "May be a veiled threat: where somebody lives, what is coming to them",
        words=(
            r"(?:i|we|they|he|someone|people) (?:all |also |already )?(?:know|knows|have|has|got|found|find|gonna find|will find) (?:out )?(?:who |what |which |where |when |how )?(?:you|u|he|she|they|your|ur|his|her|their)(?: [^ .?]+){0,3} (?:live|lives|address|school|schools|work|works|drive|drives|car|bus|kid|kids|daughter|son|wife|mum|house|park|parks|train|gym|sleep|sleeps|reg|plate|look like|looks like|finish|finishes|walks?|route|shift|goes|go)(?: .{0,40})?",
            r"(?:sleep with one eye|one eye open|watch your (?:back|step|mouth)|days are numbered|borrowed time|tick tock|clock is ticking|times up|time is up|card is marked|marked man|youre on (?:a|the|our) list|name is on (?:a|the|our) list|price on (?:his|her|my|your)|bounty on|hit out on|better (?:run|hide|pray|watch)|better start (?:running|wearing|praying)|(?:you|he|she|they) cant hide (?:forever|from us|from me|behind)|wont see it coming|see you soon|coming for you|come for you|be seeing you|enjoy (?:it )?while (?:it lasts|you can)|nice (?:house|car|family|kids|front door)|shame if|accidents happen|people like you disappear|look over your shoulder|standing at the end of your bed|wait(?:ing)? (?:for you|until you|till you|outside))(?: .{0,40})?",
            r"(?:got|sent|received|getting|found|had|has) (?:\w+ )?(?:a |an |this |another |\d+ |several |loads of |a load of )?(?:\w+ )?(?:letter|message|messages|note|text|voice ?note|call|calls|dm|picture|photo|email|emails|bullet)(?: [^ .?]+){0,6} (?:saying|says|that|telling|of (?:knives|a knife|my (?:house|door|kids)|a gun)|taped|made of)(?: .{0,60})?(?:kill|die|dead|sorry|body|time is up|next|knife|burn|shoot|regret|hurt|watch|find|house|get (?:me|us|you)|stab)",
        ),
        unless=(
            *_NOT_MEANT,
            r"(?:cake|party|birthday|recipe|found safe|congratulations|congrats|lovely|cute|selling|for sale|welcome|drop (?:it|the)|tea|coffee|wine|bus is coming|ladder|ice|trophy|season|how do i|where do i|your address please|postcode|cup|easter|santa)",
        ),
        quoted=False,
    ),
)
"""Read after the rules of `violence`."""
