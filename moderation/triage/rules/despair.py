"""Suicide and self-harm said otherwise: ways of dying weighed up, sleep without waking, others' words of it.

Beside `life`, whose rules are the plain words and always surface. Sources: NICE NG225 (plans, means, passive
wishes to be dead); Samaritans, "online harms" (how people ask for methods and speak in code).
"""

from moderation.categories import Category
from moderation.triage.rule import Rule

_LIGHT = (
    r"(?:emojilaugh|emojiskull|lol|lmao|rofl|haha\w*|hehe|literally dead)",
    r"(?:homework|mondays|school tomorrow|spelling|this meeting|work tomorrow|the season|my team|the league|level \d|boss fight|episode|this film|this movie|lyrics?|album|podcast|coffee|pizza|cake|crumpets?|tacos?|cheese|diet|parking|printer|wifi|queue)",
    r"(?:years ago|years clean|months clean|used to|back then|when i was|recovery|recovered|awareness|prevention|charity|fund ?rais\w+|volunteer\w*|sober)",
)
_ACCIDENT = (
    r"(?:shaving|shaved|oven|iron|ironing|kettle|cooking|kitchen|chopping|paper|gardening|grass|hedge|glue gun|straighteners|barbecue|bbq|toast|tin|onions?|hair|jumping|football|rugby|gym|running|stubbed)",
)

RULES = (
    Rule(
        "despair.wish_to_be_dead",
        Category.SUICIDE_SELF_HARM,
        2,
        "A wish to be dead or not to exist",
        words=(
            r"(?:hope|hoping|wish|wishing|pray|praying|wait|waiting|beg|begging|prefer|rather|let me|just|dream of|want) (?:\w+ )?<3w>(?:dont|not|never|didnt|wouldnt|wont|to not|without) (?:to |have to |ever |just |even )*(?:wak(?:e|ing) up|be here|exist|be alive|have been born|been born)",
            r"(?:hope|hoping|wish|wishing|pray|praying) (?:that )?(?:i|my heart|my body|god|something|someone|a (?:bus|car|lorry|truck|train)) (?:just |could |would |will )*(?:gets? cancer|gets? hit|hits me|stops?|takes? me|die|dies|dont make it|wont make it|kills me|shoots me|gets? killed)",
            r"(?:stop|quit|cease|ceasing|not|end|done|stopping|tired of|hate|hating|sick of) (?:to )?(?:existing|exist|being alive|waking up|living|breathing)(?: like a \w+)?",
            r"(?:wanting|begging|longing|hoping|ready|desperate|waiting|dying|wants|wanted|want|asking|prepared) (?:to )?(?:be dead|die|be gone|disappear|be taken|go for good|leave this (?:world|life|earth)|not exist|be with (?:him|her|my \w+) (?:again|in heaven|in the ground))",
            r"(?:feel|feels|felt|be|sounds|seems|than|being|is|way) (?:like )?(?:better|easier|happier|relieved|peaceful) <3w>(?:dead|if i died|when im dead|if i wasnt here|if i wasnt around|if i was gone|without me|than living|being dead)",
            r"(?:i|id|i would|they|everyone|everybody|world|family|kids|she|he) (?:\w+ )?(?:be |is |are )?(?:better|happier|best|relieved) (?:off )?(?:dead|if i (?:died|was gone|wasnt here|wasnt around|disappeared|was dead)|without me)",
            r"(?:dont|do not|didnt|cant|wont|never|not|no longer) (?:\w+ )?(?:want|wanna|wish|plan|planned|intend|expect|expected|deserve|need|supposed|meant|picture myself|see myself|think ill|think i will|going|gonna) ?(?:on |to )?(?:\w+ )?(?:to )?(?:live|living|be alive|being alive|see (?:my next|next|another|tomorrow|christmas|my \w+ birthday|july|the (?:new year|spring|summer|winter|morning))|turn \d\d|make it (?:past|to|this far|through)|be (?:around|saved|here for)|wake up|exist|grow old)",
            r"(?:my|this|that)(?: is| was|s)? (?:the |my )?(?:last|final) (?:ever )?(?:day|night|birthday|christmas|sunrise|sunset|weekend|week) (?:on (?:earth|this)|alive|here|ever|living)",
            r"(?:should|ought to|deserve to|supposed to|meant to) (?:be )?(?:the one )?(?:in the ground|dead and not|dead instead|died instead|die instead|be dead)",
            r"(?:lost|losing|have no|got no|no) (?:the |my |any )?(?:will|desire|wish|strength|fight|reason|energy) (?:left )?(?:to |in me )?(?:live|go on|keep going|carry on|be here|stay alive|be alive|exist|left)",
            r"(?:why am i|why are we|how am i|whats keeping me|only thing keeping me|only reason im) (?:still )?(?:here|alive|breathing|not dead)",
            r"(?:only|one) (?:reason|thing)(?: that| thats)? (?:<2w>)?(?:im|ive|i|keeps|keeping|kept) (?:me )?(?:still |not )?(?:\w+ )?(?:here|alive|killed|dead|going|breathing|done it)",
            r"(?:world|everyone|everybody|life) (?:\w+ )?(?:has )?(?:seen enough of me|doesnt need me|would go on without me|is done with me)",
            r"(?:i|im|life|living) (?:\w+ )?(?:was|am|is|as) (?:just )?(?:a |the )?(?:mistake that|waste of (?:space|oxygen|air|skin)|spare part|burden)",
        ),
        unless=_LIGHT,
    ),
    Rule(
        "despair.ways_and_means",
        Category.SUICIDE_SELF_HARM,
        2,
        "Weighs up, asks for or has ready a way of dying",
        words=(
            r"(?:painless|least painful|most painless|quickest|easiest|peaceful|cleanest|quick|best) (?:and \w+ )?(?:way|method|ways|methods|death) (?:to|of|for|out)(?: (?:die|dying|go|end|kill|do it|suicide|exit))?",
            r"(?:least painful|most painless|painless) (?:way|method|one|option)",
            r"(?:first|last|second|third) time i (?:tried|attempted)(?: .{0,40})?",
            r"(?:how|what) (?:\w+ )?<4w>(?:many|much|high|long|quick|fast|deep|far|easy|painful)<5w>(?:to die|overdose|lethal|fatal|kill me|kill you|kills you|bridge|fall|drop|drowning|hanging|pills|tablets|paracetamol|tylenol|insulin|bleed out)",
            r"(?:how (?:do|can|to|would) (?:i |you |people |one )?(?:die|kill (?:my|your)self|hang|overdose|end (?:it|my life)|slit))",
            r"(?:googl\w+|research\w*|looked up|looking up|searched|reading about) <4w>(?:ways|methods|how to die|suicide|dying|overdos\w+|nooses?|knots?|it all weekend)",
            r"(?:gun|pistol|shotgun|rope|noose|pills|tablets|bottle of pills|razor|blade|scalpel|knife|belt|scarf)<4w>(?:in my (?:lap|hand|hands|mouth|trunk|drawer|boot|bag)|on (?:the|my) (?:table|bed|lap|desk)|in front of me|next to me|beside me|to my head|lined up|ready|for me)",
            r"(?:took|taken|taking|swallowed|ate|drank|downed) (?:\w+ )?(?:everything in the|a whole (?:box|bottle|packet|strip)|the whole (?:box|bottle|packet|strip|lot)|whole (?:box|bottle|packet)|all my (?:pills|tablets|meds|medication)|all the (?:pills|tablets|meds)|handful|\d\d+|every|a bottle of|bleach|antifreeze)(?: \w+){0,4}",
            r"(?:stash\w*|sav\w+|collect\w*|hoard\w*|keep|keeping|bought) (?:up )?(?:\w+ )?(?:my |the |enough |some |all )?(?:pills|tablets|meds|medication|rope|insulin)(?: .{0,30})?",
            r"(?:jump|jumping|step|stepping|walk|walking|throw|throwing|drive|driving|crash|crashing|swerve|steer|let go)<5w>(?:off (?:a|the|this|that)|in front of|under (?:a|the)|into (?:a|the) (?:tree|wall|river|sea|lake|path|traffic|train|oncoming)|of the wheel|overpass|bridge|viaduct|cliff|on purpose)",
            r"(?:got|have|ive|i) (?:\w+ )?(?:a plan|a date|chosen the day|picked a (?:day|date)|set a date|chosen a (?:day|date)|the means|an exit|planned it|it all (?:planned|set up|worked out))",
            r"(?:couldnt|could not|didnt|cant|trying to|to|get the|had the|have the|need the|finding the) (?:\w+ )?(?:go through with it|nerve|courage|guts|balls)(?: <3w>(?:to (?:do it|end|jump|die)|tonight|yet|up))?",
            r"(?:third|second|last|first|\d+|three|two|several|failed|another|many|previous) (?:suicide )?attempts?",
            r"(?:i |ive |she |he |they |shes |hes )(?:\w+ )?(?:tried|attempted) (?:to (?:do it|end (?:it|things)|die|hang|overdose)|it (?:once|twice|before|last)|(?:once|twice) (?:before|already)|before and)",
        ),
        unless=(
            *_LIGHT,
            r"(?:lose weight|cook|clean|learn|travel|commute|invest\w*|apply|pay|park|parking|route|cheap\w*|headache|toothache|dentist|migraine|hangover|dog|cat|vet|drive through|test drive|pier with|bandwagon|trampoline|queue)",
        ),
    ),
    Rule(
        "despair.self_harm",
        Category.SUICIDE_SELF_HARM,
        2,
        "Somebody hurts themselves",
        words=(
            r"(?:cut|cutting|cuts|burn|burning|burnt|burned|burns|scratch\w*|scratched|carv\w+|slash\w*|hit|hitting|punch\w*|hurt|hurting|hurts|harm\w*|starv\w+|bruis\w+|relapsed (?:and )?\w+) (?:\w+ )?(?:my|me|her|his|their)(?:self|selves)?(?: (?:arms?|legs?|thighs?|wrists?|skin|stomach|body|forearms?)| again| tonight| deep| too deep| on purpose| every)?",
            r"(?:self harm|self harms|self harming|self harmed|selfharm\w*|sh relapse|relapsed with sh|cutting again|cut too deep|cut really deep|burning myself|harming (?:herself|himself|themselves)|cuts (?:on|up|all over) (?:her|his|my) (?:arms?|legs?|thighs?|wrists?))",
            r"(?:razors?|blades?|lighter)<6w>(?:arms?|wrists?|thighs?|legs?|skin|shaking|under (?:my|her|his) (?:bed|pillow|mattress)|in (?:her|his|my) (?:room|drawer|phone case|sock))",
        ),
        also=(
            r"(?:myself|herself|himself|themselves|my|her|his) ?(?:arms?|legs?|thighs?|wrists?|skin|stomach|self)?",
        ),
        unless=(
            *_LIGHT,
            *_ACCIDENT,
            r"(?:feet|foot|toe|finger|thumb|ankle|knee|back|heart|feelings|tongue|above|mouth|fingers|hand on|toast|weight|tan|paws?|claws?|hoof|hair|fringe|grass|lawn|hedge)",
        ),
        anywhere_unless=(r"(?:hurt(?:ing)?|hit(?:ting)?|punch\w*) (?:my|her|his) (?!self|arms|wrists)\w+",),
    ),
    Rule(
        "despair.ends_it_soon",
        Category.SUICIDE_SELF_HARM,
        2,
        "Sounds as if somebody is putting an end to it soon",
        words=(
            r"(?:going to|gonna|gunna|will|about to|ready to|planning to|decided to|want to|wanna|choosing to|chosen to|time to|gan to) (?:just )?(?:do it|end it|end things|go through with it|go on my own terms|leave this world|check out|be with (?:him|her|mum|dad|mam|my \w+) (?:soon|again)|finish it)(?: (?:tonight|today|tomorrow|soon|now|properly|this week\w*|before))?",
            r"(?:tonight|today|this weekend|tomorrow|friday|monday|this week|it)(?: is|s| will be| ends) (?:the (?:night|day|end)(?! of)|my last|when i do it|it for me|this weekend|tonight)",
            r"(?:signing off|logging off|going away|leaving|goodnight|goodbye|bye|farewell|so long)(?: \w+){0,4} (?:for good|forever|for ever|for the last time|one last time|properly)",
            r"(?:if|when|by the time) (?:youre|you are|you|anyone|someone|they) (?:\w+ )?(?:reading|reads?|sees?|finds?|find|read) (?:this|it|me)(?: .{0,60})?(?:gone|too late|went through|scheduled|over|means|dead)",
            r"(?:sorry|wanted to say|say) (?:\w+ )?<3w>(?:before i (?:go|leave|do it)|goodbye to|bye to everyone|for what im about to do)",
            r"(?:wont|not gonna|not going to|never|no longer|not) (?:\w+ )?(?:be |going to be )?(?:a )?(?:bother|burden|in (?:anyones|your|the) way|trouble|problem|here|around)(?: to| for)?<3w>(?:past tonight|after tonight|any ?more|much longer|by (?:tomorrow|monday|morning|friday)|soon)",
            r"(?:left|leaving|put out|got|bought|gave|given|giving|gives|set|sorted|rehomed) (?:\w+ )?<4w>(?:enough (?:cat |dog )?food for|all (?:my|his|her) (?:stuff|things|possessions|belongings) away|my (?:stuff|things|belongings|possessions) away|my affairs|(?:his|her|their) (?:stuff|things|possessions) away|the (?:insurance|passwords)|food for (?:three|two|a few|the) days?)",
            r"(?:affairs|bank stuff|passwords|insurance) (?:in order|on the (?:side|table)|written|money)",
            r"(?:let everyone down|let everybody down|ruined everyones|ruined everything|disappointed everyone|cant forgive myself|no one left to|nobody left to|no one to say goodbye)(?: .{0,40})?",
            r"(?:decided|made up my mind|at peace|made peace|calm now|peaceful now|not scared any ?more|not afraid any ?more)<6w>(?:go|leav\w+|it|die|dying|ready|over|end|my own|winter|without)",
        ),
        unless=(
            *_LIGHT,
            r"(?:holiday|uni|university|job|retir\w+|town|facebook|twitter|this group|phase|campaign|career|relationship|marriage|shift|sofa|car|volvo|club|apply|quit|diet|smoking|moving|subscription|rules|smooth\w*|lights)",
        ),
    ),
    Rule(
        "despair.other_in_danger",
        Category.SUICIDE_SELF_HARM,
        2,
        "Somebody is afraid that another person may take their life",
        words=(
            r"(?:he|she|they|hes|shes|theyre|<kin>|friend|roommate|flatmate|colleague|student|someone|girl|boy) (?:\w+ )?<4w>(?:wants|wanted|wanting|threaten\w*|going|gonna|ready|about|plans?|planning|talk\w*|said|says|saying|told \w+|posted|posting|texted|tweeted) (?:\w+ )?<4w>(?:to die|to jump|to end (?:it|things|her life|his life)|end her life|end his life|of dying|of suicide|be dead|better off dead|not be (?:here|around)|wont be (?:here|around)|no point|slit (?:his|her)|do it|goodbye|wont hurt any ?more|be saved|live any ?more|suicid\w*|off (?:himself|herself))",
            r"(?:hes|shes|he|she|they|theyve) (?:\w+ )?(?:took|taken|swallowed) (?:\w+ )?(?:an |some |all |too many |loads of |\d+)(?: \w+){0,3}",
            r"(?:doesnt|does not|dont) (?:want|wanna) to (?:live|be here|be alive|be saved|wake up|go on)",
            r"(?:goodbye|suicide|farewell) (?:letters?|notes?|messages?|texts?|posts?|videos?|email)",
            r"(?:on|over|at) the (?:wrong|other|outer) side of the (?:rail|rails|railings?|barrier|bridge|fence|parapet)",
            r"(?:woman|man|lad|girl|boy|person|someone|somebody|bloke|lass|kid) (?:\w+ )?(?:on|over|leaning|stood|standing|sat|sitting|sit|climb\w*)<5w>(?:bridge|ledge|railings?|parapet|roof|overpass|flyover|viaduct|multi ?storey|edge|cliff)(?: .{0,30})?",
            r"(?:phone(?:s| is)? (?:is )?off|not answering|wont answer|stopped (?:replying|answering|talking)|not replying|deleted (?:her|his) account|turned (?:his|her) phone off|switched off (?:his|her))(?: .{0,60})?",
        ),
        also=(
            r"(?:die|dying|dead|suicid\w*|kill\w*|jump\w*|end\w*|overdos\w*|pills|tablets|tried|goodbye|bye|note|letter|depress\w*|low|wrists?|cut\w*|bridge|ledge|rail|railings?|hurt|burden|hospital|sectioned|therapy|here|over|crying|sobbing|live|saved)",
        ),
        unless=(
            *_LIGHT,
            r"(?:cheese|photo|selfie|sunset|view|fishing|painting|repair\w*|inspect\w*|hats off|well done|talked)",
        ),
    ),
)
"""Read after the rules of `life`."""
