"""People at risk: missing, children, followed, vulnerable, wrongly named and hunted.

Sources: APP missing persons; Working Together 2023 (child safeguarding); Protection from
Harassment Act 1997 s.2A (stalking: fixated, obsessive, unwanted, repeated); Care Act 2014 s.42.
"""

from __future__ import annotations

import re

from moderation.categories import Category
from moderation.triage.rule import Rule, compiled
from moderation.triage.text import Reading

_THANKS = (
    r"(?:well done|great (?:work|news|job)|good (?:work|news|job)|found safe|glad|thank (?:you|god|goodness)|relieved|brilliant)",
)
_NO_PERSON = (r"(?:cat|dog|puppy|kitten|tortoise|parrot|bike|parcel|wallet|keys|purse)",)
"""What else is lost."""
_JOKES = (r"(?:emojilaugh|lol|lmao|rofl|haha\w*)",)
_FULL_NAME = re.compile(
    r"\b(?:[A-Z][a-z]{1,14}|[A-Z]{2,14}) (?:Mc|Mac|O['’])?(?:[A-Z][a-z]{2,15}|[A-Z]{3,15})\b"
)
_NOT_A_PERSON = re.compile(
    r"\b(?:Street|St|Road|Rd|Lane|Row|Close|Green|Hill|Avenue|Court|Park|Police|Station|Cross|School|Girls|High|Town|City|United|Rovers|Market|Castle|Church|Bridge|House|"
    r"Centre|Council|General|Saturday|Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Well Done|Thank|Please|Good|Great|Happy|The|This|That|What|When|Why|Where|How|Who|You|Your|"
    r"And|But|Not|For|Has|Have|Can|Could|Does|Did|Is|Are|Was|Were|My|Our|His|Her|Any|All|Just|Police|Officer|Sgt|PC|Insp|Tree|Arms|Inn|Hotel|Leisure|Kingdom|NOT|THE|YOU|ARE|AND|"
    r"FOR|THIS|THAT|WHY|WHAT|HOW|STOP|DO|NO|TO|IT|IS|OF|IN|ON|WE|ME|MY|ALL|GET|OUT|RIGHT|NOW)\b"
)
_BLAME = compiled(
    (
        r"(?:share (?:this|his|her|it|everywhere|before)|spread (?:this|his|her|it|the word)|everyone should know|name and shame|creepy|weirdo|nonce|paedo|perv|guilty|did it|done it|"
        r"killer|attacker|its him|it is him|lives (?:at|on|in|with)|live at|found him|(?:his|her|home) address|told you all|white van|scum|i know its|always (?:talked|talking|staring|hanging)|"
        r"what he did|pass it on|look him up|hangs (?:round|around|about) with|get him|knows? what he did|number is|works at)",
    )
)
_IT_IS = re.compile(
    r"\b(?:it['’]?s|it is|it was|protecting|ask)(?: that| called| definitely| [a-z]+ing)?\W*$", re.IGNORECASE
)
"""Words right before a name that blame whoever has it."""


def _is_name(pair: str) -> bool:
    return not _NOT_A_PERSON.search(pair) and not _COMMON_WORDS.intersection(pair.casefold().split())


_COMMON_WORDS = frozenset(
    "who did does will told found him her them they hiding one not know share everyone everywhere because staff boy girl man "
    "lad woman white black grey blue red van car live lives dead attempts nurse friend somebody someone nobody general gen".split()
)


def _accused_by_name(reading: Reading) -> str | None:
    """A first and a last name, as people write names, within a message that blames or spreads."""
    text = reading.original[:4000]
    found = [name for name in _FULL_NAME.finditer(text) if _is_name(name.group())]
    if not found or _BLAME is None:
        return None
    for name in found:
        if _IT_IS.search(text[max(0, name.start() - 40) : name.start()]):
            return name.group().lower()
    for window in reading.windows[:8]:
        if (blame := _BLAME.search(window)) is not None:
            return f"{found[0].group().lower()}, {blame.group()}"
    return None


RULES = (
    Rule(
        "people.taken_now",
        Category.MISSING_PERSON,
        1,
        "Somebody seen being taken, or a missing person seen in danger now",
        words=(
            r"(?:kidnap\w*|abduct\w*|snatched|being taken|bundled|dragged|trafficked)<5w>(?:<now>|car|van|just|girl|boy|child|woman|help)",
            r"(?:girl|boy|child|kid|woman|lass|lad|her|him|she|he|toddler) (?:\w+ )?(?:by|into|in|in the back of) (?:the |a |his )?(?:hair|arm|wrist|neck|van|boot|car|back)<6w>(?:crying|screaming|shouting|struggling|dragging|putting|pulling|no shoes|help|man|forcing)",
            r"(?:crying|screaming|struggling|begging|barefoot|no shoes)<9w>(?:by the (?:hair|arm|wrist|neck)|into (?:a|the|his) (?:car|van|boot)|in the back|in the boot|dragg\w+|wont let go)",
            r"(?:shes|hes|theyre|she is|he is|the girl|the boy|the lad|the child) (?:\w+ )?(?:on|in|near|by|going towards|walking into|at the edge of|stood on|hanging over) (?:the )?(?:tracks|line|railway|river|water|sea|edge|weir|motorway|viaduct|bridge|ledge|roof|ice)<4w>(?:<now>|crying|help|quick|edge|jump|alone|soaked)?",
        ),
        also=(r"(?:girl|boy|child|kid|woman|lass|lad|her|him|she|he|toddler|shes|hes)",),
        unless=(
            *_JOKES,
            r"(?:cctv|footage|film|years ago|last year|yesterday|last night|series|drama)",
            r"(?:searched|searching|search teams?|divers|looked|checked|they should|have you|has anyone|did you|could she|could he|what if|maybe|might have)",
        ),
    ),
    Rule(
        "people.missing_report",
        Category.MISSING_PERSON,
        2,
        "Somebody may be missing",
        words=(
            r"(?:my|our|her|his|the) (?:\w+ )?(?:<kin>|stepson|stepdaughter) (?:\w+ )?(?:is |has |s |hasnt |still |been |not |isnt |gone |went |never |didnt )*(?:missing|gone missing|disappeared|not come home|come home|came home|not home|walked out|run away|ran away|wandered off|vanished|answering (?:his|her) phone|been seen|been in touch|turned up|home yet|got home)",
            r"(?:hasnt|has not|havent|not|never|didnt|nobody has|no one has) (?:been )?(?:seen|heard from|come home|came home|returned|got home|made it home|turned up at (?:school|work))<4w>(?:since|for|him|her|yet|last night|yesterday|days|hours|tonight)",
            r"(?:gone|went) missing<4w>(?:since|from|this|last|yesterday|tonight|again|today|care|hospital|home)",
            r"(?:report|reporting) (?:\w+ )?(?:a missing|someone missing|missing person|(?:him|her|my \w+) missing|as missing)",
            r"(?:wandered|walked) (?:off|out) (?:from|of) (?:the |a |his |her )?(?:\w+ )?(?:care home|home|hospital|ward|school|nursery|nursing home)",
            r"(?:hes|shes|he is|she is) (?:got )?(?:dementia|alzheimers|autistic|diabetic|vulnerable|only \d+)<6w>(?:missing|wandered|lost|gone|out|not home|alone|find|seen)",
        ),
        unless=(
            *_THANKS,
            *_JOKES,
            *_NO_PERSON,
            r"(?:phone|ring)",
            r"(?:years ago|podcast|documentary|unsolved)",
        ),
    ),
    Rule(
        "people.lost_in_a_crowd",
        Category.MISSING_PERSON,
        2,
        "Somebody cannot find a child or a relative, or has found a lost child",
        words=(
            r"(?:lost|cant find|cannot find|couldnt find|lost sight of|separated from) (?:my|our|her|his) (?:\w+ )?<kin>(?: [^ .?!]+){0,12} (?:aged? \d+|(?:hes|shes|is) (?:only )?\d{1,2}|\d+ (?:years?|yrs?) old|wearing|dress|coat|hoodie|wellies|jacket|crowd|mins? ago|minutes ago|please help|help me)",
            r"(?:my|our) (?:\w+ )?<kin>(?: \w+)? (?:was|is|were|works) (?:at|in|on|near|by)(?: [^ .?!]+){0,22} (?:doesnt|does not|isnt|not|wont|hasnt) (?:answer\w*|pick\w* up|reply\w*|replied|rung|called)",
            r"(?:she|he|they|who|kid|child|girl|boy|one) (?:just |keeps )?(?:says|said|saying) (?:\w+ )?(?:her|his|their) (?:mum|mam|mummy|dad|daddy|nan|parents) (?:is |are |s )?(?:lost|gone|nowhere)",
        ),
        unless=(
            *_THANKS,
            *_JOKES,
            *_NO_PERSON,
            r"(?:years ago|last year|when i was|cancer|covid|funeral|grief|griev\w+|died|passed away|hospice|charity|sponsor\w*|in memory|anniversary|podcast|film)",
        ),
    ),
    Rule(
        "people.sighting",
        Category.MISSING_PERSON,
        2,
        "May have seen a missing or wanted person",
        words=(
            r"(?:i |we |think i |think we |im sure i |sure i |pretty sure i |my \w+ |he |she |driver |they |ive |weve |ive just |just |definitely )(?:\w+ )?(?:saw|seen|spotted|spoke to|passed|served|sat (?:next to|near|behind)|recogni[sz]ed?|noticed|picked up|walked past|drove past) (?:\w+ )?(?:her|him|someone|somebody|a (?:young )?(?:girl|boy|lad|lass|teenager|woman|man|kid)|the girl|the boy|this (?:girl|boy|lad|man|woman)|a lass)<9w>(?:<now>|at|by|near|on|in|with|getting|outside|walking|wearing|this morning|last night|yesterday|today|about|around|station|bus|shop)",
            r"(?:saw|seen|spotted) (?:a |the )?(?:girl|boy|lad|lass|teenager|woman|man|kid) (?:\w+ )?(?:matching|like|fitting|looked like|looking like|who looks|that looks|in a|in the|with|wearing)",
            r"(?:matching|matches|fits|fitting|match) (?:the|her|his|that|your) description",
            r"(?:possible|potential|definite|another) sighting",
            r"(?:that|it) (?:was|is|looks like|looked like|could be|might be|has to be) (?:her|him|ellie|the girl|the lad|the missing \w+)<5w>(?:at|by|near|on|in|bus|station|shop|cctv|camera|dashcam|doorbell)",
            r"(?:dash ?cam|ring doorbell|doorbell|cctv|camera)<6w>(?:shows|caught|has|of|picked up|got|walking past) <4w>(?:her|him|a girl|a boy|girl|someone)",
            r"(?:shes|hes|she is|he is|she was|he was) (?:\w+ )?(?:here|at|in|by|on|outside|sat|standing|with|walking) (?:\w+ )?<4w>(?:<now>|station|shop|park|bus|bench|platform|mcdonalds|asda|tesco|services|underpass|beach|pier|arcade|caravan\w*)",
        ),
        also=(
            r"(?:missing|girl|boy|her|him|teenager|lass|lad|description|appeal|photo|picture|poster|sighting|jacket|coat|hoodie|rucksack|backpack|trainers|hair|uniform)",
        ),
        unless=(
            *_THANKS,
            *_JOKES,
            r"(?:havent|have not|not|hasnt|nobody|no one|never|didnt) (?:seen|saw|spotted)",
            r"(?:police|officer|pcso|bobby|copper)",
            r"(?:anyone|anybody|has anyone|have you) (?:seen|saw)",
        ),
    ),
    Rule(
        "people.child",
        Category.CHILD_SAFEGUARDING,
        2,
        "A child may be at risk",
        words=(
            r"(?:groom\w*|molest\w*|paedo\w*|pedo\w*|nonce|child abuse|sexual(?:ly)? (?:abus\w+|exploit\w+)|abusing (?:a |the |his |her |my )?<child>|indecent (?:images?|photos?)|county lines|cuckoo\w*|sextort\w*|cse)<6w>(?:<child>|school|park|online|messag\w+|my|working|kids?|children|house|flat|living|reported|street|estate|snapchat|coach|teacher)",
            r"(?:my|her|his|a|the|our|this|little|young) (?:\w+ )?<child> (?:\w+ )?(?:is |was |s |has |been |being |got |getting |keeps |says |told me )*(?:messag\w+ by|talking to (?:a|some|an older)|touched|abused|groomed|hit by|beaten|sent (?:nudes|pictures|photos)|asked for (?:nudes|pictures|photos)|meeting (?:a|an|some)|being followed|threatened|blackmailed|left alone|home alone|neglected|locked|starving|bruis\w+|scared of|frightened of|bullied)",
            r"(?:man|men|bloke|guy|adult|someone|he|they|teacher|coach|older (?:man|men|lads|boys)) (?:\w+ )?(?:is |are |was |keeps |been |trying to |tried to |has |have )*(?:messag\w+|groom\w+|touch\w+|follow\w+|approach\w+|photograph\w+|film\w+|taking (?:photos|pictures|videos) of|offer\w+|send\w+|asking|talking to|watching|hitting|meeting|giving) <3w>(?:<child>|kids|children|schoolkids|girls|boys|underage|year \d+)",
            r"(?:kids?|children|baby|toddler|little (?:girl|boy)|child) (?:\w+ )?(?:left|alone|locked|on (?:their|his|her) own|screaming|crying|wandering|being hit|walking alone|unattended)<4w>(?:car|house|flat|hours|night|again|street|road|alone|nappy|constantly|pyjamas|barefoot|every night|mum|home)",
            r"(?:im|i am) (?:only )?(?:8|9|10|11|12|13|14|15|16|17)(?: (?:years old|yrs?|yo))?<9w>(?:scared|help|hit|hurt|touch\w*|run away|ran away|home|mum|dad|stepdad|photos|pictures|nudes|blackmail\w*|older|alone)",
            r"(?:my (?:mum|dad|stepdad|step dad|uncle|teacher|coach|carer|foster \w+)) (?:hits|hurts|touches|beats|locks|touched|hit|hurt|beat|comes into my room|makes me|made me)",
            r"(?:sent|sending|shared|sharing|leaked|asked for) (?:\w+ )?(?:nudes|naked (?:photos|pictures|pics)|indecent)",
            r"(?:kids?|children|lads?|boys?|girls?|teenagers?|year \d+s?) (?:\w+ )?(?:as young as|running drugs|dealing for|carrying drugs|being used|going missing|in and out of (?:a|that|the) (?:car|flat|house)|getting into (?:a|the|his) (?:car|van))",
        ),
        unless=(
            *_JOKES,
            r"(?:documentary|podcast|netflix|history|years ago|bbc|celebrity|priest|savile)",
            r"(?:dog|dogs|pet|puppy) groom\w*",
            r"(?:well done|great work)",
        ),
    ),
    Rule(
        "people.stalking",
        Category.STALKING_HARASSMENT,
        2,
        "Signs of stalking or repeated harassment",
        words=(
            r"stalk(?:ing|ed|er|s)(?: <3w>(?:me|her|him|my|us))?",
            r"(?:hes|shes|theyre|he|she|they|my ex|ex|man|bloke|someone|guy|neighbour|car) (?:\w+ )?(?:keeps|keep|wont stop|will not stop|constantly|always|is still|still|has been|been|was|is|s) (?:on )?(?:following|follows|messaging|turning up|showing up|waiting (?:for|outside)|watching|contacting|ringing|harassing|sitting outside|parking outside|tracking|filming|sending|leaving (?:notes|flowers|things))<3w>(?:me|my|us|her|outside|work|house|home|notes|messages|daughter|wife|every|school|gym)",
            r"(?:being|im being|am being|get|getting|been|got|was|keep being|keep getting) (?:followed|harassed|stalked|watched)<4w>(?:by|home|again|every|from|for|to|since|online|around|all)?",
            r"(?:following|followed|follows) (?:me|her|my daughter|my wife|us) (?:\w+ )?(?:home|around|everywhere|from|to|all|again|in (?:a|his)|round)",
            r"(?:airtag|tracker|tracking device|hidden camera|spyware)<4w>(?:car|bag|found|phone|house|me|under|in)",
            r"(?:outside|at) my (?:house|home|work|door|window|flat|gym) (?:again|every (?:day|night)|all (?:day|night)|at night|most nights)",
            r"(?:breach\w*|broke\w*|ignor\w*) (?:his|her|the|a|their) (?:\w+ )?(?:order|bail|conditions|injunction|restraining order)",
        ),
        unless=(
            *_JOKES,
            r"(?:instagram|facebook|insta|twitter|tiktok) stalk\w*",
            r"(?:awareness|training|drama|netflix|baby reindeer|following (?:your|this|the) (?:page|updates|post|account|appeal|story|advice|rules))",
            r"(?:deer|cat|heron|celery)",
        ),
    ),
    Rule(
        "people.vulnerable",
        Category.VULNERABLE_ADULT,
        2,
        "An adult who may not be safe by themselves",
        words=(
            r"(?:elderly|old|older|frail|confused|vulnerable|disabled|disorientated|drunk|homeless|blind|deaf|lost|pensioner|wheelchair) (?:\w+ )?(?:man|woman|lady|gentleman|gent|neighbour|person|chap|bloke|lad|girl|fella|couple|mum|dad|guy|mother|father|nan|grandad|user) <6w>(?:wandering|lost|confused|alone|crying|nightie|pyjamas|slippers|barefoot|freezing|not (?:been )?(?:seen|answering|eating|moving)|collapsed|on the floor|fallen|shouting|walking|sat|asleep|in the road|cold|scared|freezing|trapped|stuck|stranded|cant get|needs)",
            r"(?:havent|have not|hasnt|not|nobody has|no one has|nobodys) (?:seen|heard from|heard|been seen) <3w>(?:neighbour|next door|upstairs|downstairs|old (?:man|lady|woman)|number \d+|my nan|her|him)<9w>(?:days|week|weeks|curtains|milk|post|bins|letters|worried|answering|lights|frail|\d+)",
            r"(?:check|checks?|welfare check|checking) (?:on|for) (?:my|her|him|an?|the|our) (?:\w+ )?(?:neighbour|<kin>|elderly|old|man|lady|friend|tenant|flat|resident)",
            r"welfare check",
            r"(?:carer|son|daughter|nephew|lodger|neighbour|they|lads|men|dealers) (?:\w+ )?(?:is |are |has |have |been |s )*(?:taking|stealing|took|stole|controlling|using|taken over|living off|emptied|bullying|neglecting|hitting) (?:\w+ )?(?:his|her|their|an old|my nans|my mums|grandads) (?:\w+ )?(?:money|pension|flat|house|card|bank|home|benefits|account)",
            r"(?:my|his|her|the|an?) (?:\w+ )?(?:<kin>|neighbour|resident|lady|man|gentleman)<2w>(?:has|with|got) (?:dementia|alzheimers|learning (?:difficulties|disabilities)|parkinsons|schizophrenia|psychosis)",
            r"(?:insulin|oxygen|dialysis|medication|inhaler|epipen|heart tablets|medicine)<9w>(?:cant get|stuck|cordon|run out|ran out|need|needs|other side|running out|urgent\w*|wont let|runs out|locked|without)",
            r"(?:cant get|stuck|cordon|run out of|ran out of|needs|need|running out of|without) <9w>(?:insulin|oxygen|dialysis|medication|inhaler|epipen|heart tablets)",
            r"(?:having|in|having a) (?:a )?(?:mental health|psychotic|breakdown|mental) (?:crisis|episode|breakdown)",
            r"(?:hearing voices|off (?:his|her|my) meds|not taking (?:his|her|my) (?:meds|medication|tablets)|sectioned|sleeping rough<4w>(?:freezing|cold|ill|help|hurt|girl|woman))",
        ),
        unless=(
            *_JOKES,
            *_THANKS,
            r"(?:years ago|documentary|charity|coffee morning|scam awareness)",
            r"(?:fraud|scam) (?:warning|advice|alert)",
        ),
    ),
    Rule(
        "people.wrongly_named",
        Category.WRONGLY_NAMED_VIGILANTISM,
        2,
        "A person is named, hunted or threatened with a visit",
        words=(
            r"(?:hes|shes|he|she|thats|its|it was|the one|this is|thats the|his name is|her name is|name is|names|the name is|he is|thats him|was) (?:\w+ )?<4w>(?:lives (?:at|on|in|by|near|opposite|next)|works (?:at|in|for)|drinks (?:at|in)|his address|live at)<9w>(?:did it|him|go|get|round|pay|know|visit|deserves|guilty|attacker|killer|nonce|done it|everyone|share|spread|scum|sort|there|who did|taken|took|her)",
            r"(?:lets|we should|everyone|someone|somebody|we|im|were|whos|who is|gonna|going|meet|meeting|get|come on|anyone|lads|boys) (?:\w+ )?(?:all )?(?:go |going |head |get |pay |come |drive |pop |march |meet |down |over |coming |up for |should |gonna )+(?:\w+ )?(?:round|to his|to her|to their|him a visit|them a visit|her a visit|outside his|at his|outside (?:the|their)|knock|down there|and drag|to (?:that|the) (?:house|flat))<4w>(?:house|home|door|gaff|visit|flat|place|sort|drag|tonight|him|them|now|<now>)?",
            r"(?:drag|pull|burn|smoke|flush|get|hound|run|kick) (?:him|her|them|the (?:nonce|paedo|family|bastard)) (?:out|out of (?:there|his house|town|the house)|from)",
            r"do (?:what|whatever|as) (?:you|u|yous|ye) (?:want|like|will|wish|please|must) with (?:that|this|it|the)(?: info\w*| address| name)",
            r"(?:sort|sorted|sorting|deal|dealt|dealing) (?:him|her|them|it) (?:out )?(?:ourselves|our ?selves|with ourselves|our own way|properly|out properly|the old way|the old fashioned way|street justice)",
            r"(?:string|hang|lynch|castrate|hanged|strung) (?:him|her|them|em)(?: up)?",
            r"(?:mob|street|proper|our own|vigilante|rough) justice",
            r"(?:paedo|pedo|nonce|predator) hunters?",
            r"(?:name|names|address|addresses) (?:and shame|and address|is |here|please|pls|of the (?:nonce|paedo|attacker|killer))<4w>(?:share|spread|know|everyone|street|road|drive|close|avenue|lane)?",
            r"(?:naming|named|accused|accusing|blaming|hounding|blamed) (?:\w+ )?(?:the wrong|an innocent|my|him|her|a innocent|wrong)<5w>(?:man|person|bloke|lad|guy|brother|dad|son|husband|neighbour|uncle|family|guy|cousin|boss|online|innocent|he|mate)",
            r"calling (?:\w+ )?(?:my|him|her) (?:\w+ )?<5w>(?:nonce|paedo|pedo|killer|murderer|rapist|terrorist|attacker|perv\w*)",
            r"(?:wrong|innocent) (?:man|person|bloke|lad|guy|family|fella)",
            r"(?:everyone|everybody|people|they|theyre|you lot|group|post|posts) (?:\w+ )?(?:is |are |keep |keeps |s |all )*(?:saying|sharing|posting|convinced|naming|reckons?|reckon) (?:\w+ )?(?:its|it was|that|his|hes|the|my) (?:\w+ )?<3w>(?:did it|took her|house|address|photo|picture|name|guilty|brother|dad|mate|husband|number plate|him|innocent)",
            r"(?:i know|we know|everyone knows|we all know|know exactly) (?:who|where|it was|its) <3w>(?:did it|took|has her|lives|done it|it is|he is|it was)",
            r"(?:go|going|been|get|gone) (?:round|down|over|up) (?:to )?(?:his|her|their|there|that) <2w>(?:house|gaff|flat|home|place|door|address|street)?<4w>(?:tonight|now|mob|lads|with|and (?:get|drag|smash|burn|sort|ask)|tooled|handed|him)",
            r"(?:check|search|look in|raid|arrest|ask|question|watch|look at) (?:\w+ )?(?:that |the |his |him |her )?(?:<2w>)(?:weirdo|oddball|creep|loner|nonce|paedo|stepdad|step dad|creepy|perv|pervert|weird bloke|weird man)<9w>",
            r"(?:its|it was|thats|bet its|bet it was|gotta be|got to be|has to be|always|obviously|100%) (?:\w+ )?(?:the |that |him|her )?<2w>(?:weirdo|creep|nonce|paedo|stepdad|step dad|pervert|perv|oddball|creepy|loner)<9w>",
        ),
        unless=(
            *_JOKES,
            r"(?:paddington|santa|panto)",
            r"(?:please )?(?:dont|do not|stop|shouldnt) (?:go|share|post|name|spread|be going|start) (?:round|names|it|this|naming|that|there|his|her|rumou?rs|around)",
        ),
    ),
    Rule(
        "people.missing_worry",
        Category.MISSING_PERSON,
        2,
        "Worry about somebody who has not come home",
        words=(
            r"(?:phone|mobile)(?:s| is| has| goes| going| went| just| keeps)* (?:straight to voicemail|off|switched off|dead|to voicemail|ringing out|unanswered|going to answerphone)",
            r"(?:never|hasnt|not|havent) (?:ever )?(?:not )?(?:come|came|been|got|get|arrived|returned) home",
            r"(?:still nothing|no word|heard nothing|nothing|no sign|no news|cant get hold|cannot get hold|cant reach) (?:\w+ )?(?:from|of) (?:him|her|my|our|<kin>|\w+ (?:since|yet|and))",
            r"(?:said|supposed to be|meant to be|should have been|due) (?:\w+ )?(?:home|back) (?:by|at|before|for) \w+<9w>(?:phone|not|worried|still|nothing|hes|shes|please|where|no)",
            r"(?:my|our) (?:\w+ )?(?:son|daughter|boy|girl|lad|grandson|granddaughter|brother|sister|nephew|niece|dad|mum|husband|wife) (?:is|s) \d{1,2} <9w>(?:went|left|out|mates|friends|said|home)",
        ),
        unless=(
            *_THANKS,
            *_JOKES,
            r"(?:cat|dog|puppy|kitten|parcel|keys)",
            r"(?:football|result|score|lottery)",
        ),
    ),
    Rule(
        "people.missing_themselves",
        Category.MISSING_PERSON,
        2,
        "May be the missing person, or somebody who is with them",
        words=(
            r"(?:im|i am) (?:fine|ok|okay|safe|alright|not missing|not lost|not going (?:home|back))<4w>(?:stop|dont|leave|tell|im|looking|with|missing|please|take)",
            r"(?:stop|quit) (?:looking|searching) for me",
            r"(?:stop looking|take (?:my|the|that) (?:picture|photo|post|poster) down)<9w>(?:tell|im|not|with|fine|me|mum|nan|dad)?",
            r"(?:shes|hes|she is|he is) (?:\w+ )?(?:with (?:me|us)|staying (?:with|at) (?:me|us|mine|ours)|at (?:mine|ours|my house|my mates))",
        ),
        unless=(*_JOKES, r"(?:indoors|at home|inside|at work|on holiday)"),
    ),
    Rule(
        "people.sighting_detail",
        Category.MISSING_PERSON,
        2,
        "A first-hand account of a person, their things or a vehicle that an appeal may be about",
        words=(
            r"(?:young|teenage|little|small) (?:\w+ )?(?:girl|boy|lad|lass|woman)<9w>(?:<worn>|<car>|crying|upset|alone|on (?:her|his) own|with a|bus|train|station|platform|door|beach|night|word|scared|lost)",
            r"(?:girl|boy|lad|lass|teenager|woman) (?:\w+ )?(?:in|with|wearing|had|carrying) (?:a |an |the |her |his |some )?(?:\w+ )?(?:<colour> )?(?:\w+ )?<worn>",
            r"(?:girls|boys|womans|childs|kids) voice",
            r"(?:found|picked up|handed in|spotted|seen|theres|there is|there was|its|got) (?:\w+ )?(?:a |an |the |her |his |some |what looks like )?(?:\w+ )?(?:<colour> |school )(?:\w+ )?<worn>",
            r"(?:bloke|man|lad|guy|fella|male) with (?:a |the )?(?:\w+ )?(?:beard|tattoo|scar|limp|accent|<colour> <worn>|<colour> <car>)<9w>",
            r"(?:she|he) (?:\w+ )?(?:got off|got on|got out|bought|asked|paid|came in|walked|sat|was with|was sat|was stood|was crying|went (?:off|into|towards|down|up)|ran|hugged|looked (?:upset|lost|scared|frightened|cold)) <6w>(?:bus|train|kiosk|shop|platform|station|stop|café|cafe|counter|bench|pier|beach|viaduct|foot|me|us|till|ticket|friday|saturday|monday|tuesday|wednesday|thursday|sunday|yesterday|about \d+|\d{1,2} ?(?:am|pm))",
            r"(?:somebody|someone|somebodys|someones) (?:\w+ )?been sleeping",
            r"(?:refused|took|had|dropped|picked up) (?:\w+ )?(?:a|the|this|that|them|her|him|his|their)? ?(?:fare|passenger|girl|lass|young girl|couple)<9w>(?:driver|station|platform|stop|train|caravan\w*|girl|young|off|beard|hoodie|blazer|blue|green)",
            r"(?:driven|drove|driving|gone|sped|heading|headed) off (?:\w+ )?(?:toward|towards|up|down|along|to|in the direction)<4w>",
            r"(?:last|first) (?:\w+ )?letters (?:were|are|was|of (?:the )?(?:reg|plate))",
        ),
        anywhere_unless=(
            *_JOKES,
            r"(?:pcso|copper|constable|well done|thank you to the|lovely officer|lost property|pride of)",
        ),
        unless=(r"(?:kids|children|football|costume|panto|nativity|dress up|fancy dress|for sale|size \d+)",),
    ),
    Rule(
        "people.child_online",
        Category.CHILD_SAFEGUARDING,
        2,
        "A child who tells, or an older person in touch with a child",
        words=(
            r"(?:talking|chatting|messaging|speaking|texting|been talking) to (?:someone|somebody|a man|a guy|a lad|some guy|this guy|a boy|him|a stranger)<6w>(?:game|online|snap\w*|insta\w*|discord|roblox|tiktok|app|internet|ages|called|months|weeks|whatsapp)",
            r"(?:he|she|they) (?:says?|said|told (?:me|her|him)|claims?) (?:he|she|they|hes|shes|theyre)(?: is|s| are)? (?:only )?1\d",
            r"(?:hes|shes|he is|she is) (?:not|deffo not|def not|defo not|no way|never|actually|really|way older than|older than) (?:\w+ )?(?:1\d|[2-6]\d)",
            r"(?:told|made|asked|begged|getting) (?:her|him|me|us) (?:to )?(?:not (?:to )?|promise|swear|keep it secret|keep quiet|delete|lie|send|meet|bring)(?: .{0,60})?",
            r"(?:i |ive |she |shes |hes |he )?(?:sent|send|sending) (?:him|her|them|some guy|someone) (?:\w+ )?(?:stuff|pics|pictures|photos|videos|things|a pic|nudes)",
            r"(?:dont|do not|didnt|not) (?:know|sure) who (?:to|else to|i can|i should) (?:tell|talk to|ask|speak to|turn to)",
            r"(?:if|can) i (?:tell|told) (?:u|you|someone) (?:something|smth|summat)<9w>(?:tell|mum|parents|school|secret|me|anyone|trouble)?",
            r"(?:im|i am) (?:only )?(?:9|10|11|12|13|14|15|16)(?: .{0,30})?",
            r"(?:is|are|hes|shes|was) (?:only )?(?:8|9|10|11|12|13|14|15|twelve|eleven|ten|thirteen|fourteen|fifteen) (?:and|\.)? ?<4w>(?:getting|messages|scared|crying|threat\w*|sleep|bullied|hurt|alone)",
        ),
        unless=(
            *_JOKES,
            r"(?:minutes|mins|miles|quid|stone|weeks pregnant|days|hours|\d+ ?(?:am|pm))",
            r"(?:told|asked) (?:us|me|him|her) to (?:move|leave|go home|wait|bring (?:a|the)|send (?:a|the) (?:form|email))",
        ),
    ),
    Rule(
        "people.targeted_online",
        Category.STALKING_HARASSMENT,
        2,
        "Menacing messages to a person",
        words=(
            r"(?:we|i|they) know where (?:you|u|she|he|they|we|i) (?:sleep|live|lives|work|works|go to school|park)",
            r"(?:getting|gets|receiving|receives|sent|had|having|been getting) (?:\w+ )?(?:messages|texts|calls|dms|letters|threats|hate|abuse)<4w>(?:saying|threat\w*|from strangers|from people|all night|all day|calling|telling|about|know where|non ?stop)",
        ),
        unless=_JOKES,
    ),
    Rule(
        "people.vulnerable_age",
        Category.VULNERABLE_ADULT,
        2,
        "An old or ill person who may be alone or without care",
        words=(
            r"(?:hes|shes|he is|she is|who is|aged|mum is|dad is|nan is|gran is|grandad is|lady of|man of|woman of|gentleman of|neighbour is|was|mr \w+ is|mrs \w+ is) (?:[7-9]\d|10\d)(?: .{0,200}?)?(?:diabetic|insulin|forgetful|alone|on (?:his|her) own|carer|dementia|frail|blind|deaf|oxygen|confused|not answer\w*|hasnt answer\w*|curtains|fallen|fell|stuck|scared|frightened|door|heart|unwell|poorly)",
            r"(?:carer|carers|care worker|care workers|district nurse|home care|care company|care home) (?:\w+ )?<4w>(?:cannot|cant|couldnt|unable|stuck|not allowed|wont let|turned (?:away|back)|missed|no one|refused|through|inside|cordon|calls)",
            r"(?:cannot|cant|can not) (?:turn|move|feed|wash|get up|stand|toilet|dress) (?:himself|herself|themselves|on (?:his|her) own|by (?:himself|herself))",
            r"(?:not|hasnt|isnt|wasnt|never|didnt|no) (?:been )?(?:answer\w*|open\w*|come to|picked up|pick up|reply\w*|replied) (?:\w+ )?(?:the |his |her )?(?:\w+ )?(?:door|phone|bell|knock\w*)",
            r"(?:curtains|milk|post|paper|papers|lights?|telly) (?:are |is |were |was |still |have |has |been |not )*(?:drawn|closed|on the step|piling up|on the doorstep|not been opened|on all night|shut|not collected)",
        ),
        unless=(
            *_JOKES,
            *_THANKS,
            r"(?:nobody|no one|police|officer|officers|101|999|you|station|control room) (?:\w+ )?(?:answer\w*|pick\w*|repl\w*)",
        ),
    ),
    Rule(
        "people.hunted",
        Category.WRONGLY_NAMED_VIGILANTISM,
        2,
        "A named or pointed-out person is being looked for, or says that they are",
        words=(
            r"(?:find|finding|found|anyone know|who knows|someone find|lets find|does anyone know|find out) (?:\w+ )?(?:out )?(?:where|what (?:street|road|car)|who) (?:he|she|they|this \w+|the \w+|that \w+) (?:\w+ )?(?:live|lives|is|are|drinks|works|drives|stays|living)?",
            r"(?:found him|got him|theres his (?:house|car|van)|(?:his|her|their) (?:car|van) is|thats (?:his|her) (?:house|car|van|address))<9w>(?:<road>|drive|outside|parked|<now>|number|reg|blue|white|red|black|grey|door)",
            r"do what (?:you|u|ya) (?:want|like|will|need)(?: .{0,40})?",
            r"(?:go|feel free to|everyone|someone) (?:and )?(?:bother|ring|call|message|visit|say hello to|pay) (?:her|him|them)",
            r"(?:putting|posting|posted|put|sharing|shared|spreading|giving out|given out|giving) (?:\w+ )?(?:our|my|his|her|their|out) (?:\w+ )?(?:address|addresses|name|photo|picture|number|details|house)",
            r"(?:address|name|photo|picture) is (?:still |all |everywhere )*(?:up|on here|online|everywhere|being shared|going round)",
            r"(?:people|men|lads|they|theyre|cars|car|strangers|group) (?:\w+ )?(?:saying |are |is |s )*(?:going|coming|come|turning|turned|gone) (?:round|over|up) (?:to )?(?:our|my|his|her|their|there|again|tonight|with|looking)?",
            r"(?:people|men|lads|group|crowd|cars?(?: full)?(?: of (?:men|lads|people))?|strangers|van) (?:\w+ )?(?:sat|sitting|stood|standing|parked|waiting|gathered|outside|hanging) (?:\w+ )?(?:outside|at|by|in front|round|in|the)<6w>(?:photo|asking|looking for|never seen|house|home|shop|door|his|her|my|our|shouting|hes|flat|drive)",
            r"(?:he|she|hes|shes|my \w+) (?:\w+ )?(?:has|hasnt|did|didnt|havent|s|not)? ?(?:not )?(?:done|do|did) (?:anything|nothing|it|nothing wrong|anything wrong)<6w>(?:please|stop|leave|he|she|with me|was|hes|family|kids|innocent)?",
            r"(?:hes|he|she|shes) (?:\w+ )?(?:always |used to |was always |kept |keeps )(?:\w+ )?(?:talk\w*|chat\w*|hanging|star\w*|look\w*|watch\w*|ask\w*|wav\w*) (?:\w+ )?(?:to |at |about |round |with )?(?:the |my |our |little |young )?(?:\w+ )?(?:girls?|kids?|children|daughters?|school)",
            r"(?:creepy|creep|weirdo|pervy|oddball|dodgy|strange man|odd one|wrong un|wrongun|loner)<6w>(?:van|he|him|colin|lives|caretaker|man|bloke|neighbour|always|house|school|just saying|him that|from|that)?",
            r"(?:what(?:s| does| would)) (?:an?|that|some) (?:old|grown|single) man (?:\w+ )?(?:want|doing)(?: .{0,60})?",
            r"(?:get|beat|smash|drag|squeeze) (?:it|the truth|answers) out of (?:him|her|them)",
            r"(?:protecting|covering for|hiding) (?:him|her|them|their own|the nonce|a nonce)",
            r"(?:job done|justice|sorted) (?:\w+ )?(?:tonight|served|one way or another|coming)",
            r"(?:hes|he is|shes|she is) (?:guilty|guilty as|the one|in there|in the back|hiding)<4w>(?:seen|saw|curtain|as|sin|hell|move\w*|know)?",
            r"(?:looks|look) like him",
            r"asking for (?:him|her)(?: .{0,30})?",
        ),
        unless=(
            *_JOKES,
            r"(?:police|officer|officers|pcso|paramedics?|ambulance|fire) (?:\w+ )?(?:outside|parked|came|come|at)",
            r"(?:dog|cat|parcel|pizza|santa|postman)",
            r"(?:phone|doorbell|appointment|review)",
            r"(?:police|you|council|government|officers?|cops) (?:\w+ )?(?:havent|hasnt|have|has|didnt|did|dont|do|not) (?:\w+ )?(?:done|do|did)",
        ),
    ),
    Rule(
        "people.accused_by_name",
        Category.WRONGLY_NAMED_VIGILANTISM,
        2,
        "Names a person beside words of blame or a call to share",
        test=lambda reading: _accused_by_name(reading),
    ),
)
