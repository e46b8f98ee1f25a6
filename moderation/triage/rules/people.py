"""People at risk: missing, children, followed, vulnerable, wrongly named and hunted.

Sources: APP missing persons; Working Together 2023 (child safeguarding); Protection from
Harassment Act 1997 s.2A (stalking: fixated, obsessive, unwanted, repeated); Care Act 2014 s.42.
"""

from moderation.categories import Category
from moderation.triage.rule import Rule

_THANKS = (
    r"(?:well done|great (?:work|news|job)|good (?:work|news|job)|found safe|glad|thank (?:you|god|goodness)|relieved|brilliant)",
)
_JOKES = (r"(?:emojilaugh|lol|lmao|rofl|haha\w*)",)

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
            r"(?:cat|dog|puppy|kitten|tortoise|parrot|bike|parcel|wallet|keys|purse|phone|ring)",
            r"(?:years ago|podcast|documentary|unsolved)",
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
            r"(?:missing|girl|boy|her|him|ellie|teenager|lass|lad|description|appeal|photo|picture|poster|sighting|jacket|coat|hoodie|rucksack|backpack|trainers|hair|uniform)",
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
            r"(?:sort|sorted|sorting|deal|dealt|dealing) (?:him|her|them|it) (?:out )?(?:ourselves|our ?selves|with ourselves|our own way|properly|out properly|the old way|the old fashioned way|street justice)",
            r"(?:string|hang|lynch|castrate|hanged|strung) (?:him|her|them|em)(?: up)?",
            r"(?:mob|street|proper|our own|vigilante|rough) justice",
            r"(?:paedo|pedo|nonce|predator) hunters?",
            r"(?:name|names|address|addresses) (?:and shame|and address|is |here|please|pls|of the (?:nonce|paedo|attacker|killer))<4w>(?:share|spread|know|everyone|street|road|drive|close|avenue|lane)?",
            r"(?:naming|named|calling|accused|accusing|blaming|hounding|blamed) (?:\w+ )?(?:the wrong|an innocent|my|him|her|a innocent|wrong)<5w>(?:man|person|bloke|lad|guy|brother|dad|son|husband|neighbour|uncle|family|guy|cousin|boss|online|innocent|he|mate)",
            r"(?:wrong|innocent) (?:man|person|bloke|lad|guy|family|house|address|colin|fella)",
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
)
