"""What is said that may be untrue, unlawful to say, or asked for by right.

Sources: Contempt of Court Act 1981 s.2 (proceedings active from arrest); FOIA 2000 s.8; UK GDPR art. 15;
Sexual Offences (Amendment) Act 1992 s.1 (anonymity for life).
"""

from moderation.categories import Category
from moderation.triage.rule import Rule

RULES = (
    Rule(
        "information.personal_data",
        Category.PERSONAL_DATA_POSTED,
        2,
        "Posts where a person lives, how to reach them, or who a victim is",
        words=(
            r"(?:lives|living|live|stays|address|house|hes|shes|found|flat|his|her|their) (?:\w+ )?(?:at|is|on|in|number|no|address is|house is|flat is)? ?(?:at |number |no |flat )?\d{1,3}[a-z]? (?:\w+ ){1,3}(?:street|road|lane|avenue|close|drive|way|court|crescent|gardens?|terrace|row|place|grove|rd|st|ave|cl|hill|mews|walk|square|green|view)",
            r"(?:\w+ ){1,2}(?:street|road|lane|avenue|close|drive|court|crescent|gardens|terrace|row|grove) (?:number|no|num) \d{1,3}",
            r"(?:his|her|their|officers?|cops?) (?:\w+ )?(?:number|mobile|phone|phone number|mob|snap|email) (?:is|s) ?(?:\+?44|0)? ?\d[\d ]{5,}",
            r"(?:victim|girl|lad|boy|woman|kid|child|lass|person) (?:\w+ )?<3w>(?:is called|was called|name is|names?|who (?:was|got) (?:raped|attacked|assaulted|stabbed|hurt) (?:is|was)|goes to \w+ school)<4w>",
            r"(?:he|she|they|hes|shes|the family|his family|her family|his mum|kids) (?:\w+ )?(?:go|goes|works?|live|lives|teaches|drinks) (?:to |at |in |by |opposite |next door to |on |near )<4w>(?:school|primary|academy|street|road|lane|avenue|close|drive|court|crescent|garage|barbers?|takeaway|estate)<6w>(?:number|blue door|red door|white door|green door|van|car outside|reg|name|called|his name|everyone|share|go|with the)",
        ),
        unless=(
            r"(?:i live|we live|im at|we are at|were at|my address|our address|i am at|come to|meet at|call \d|ring \d|text \d|101|999|111)",
            r"(?:shop|station|church|school|pub|cafe|hall|centre) (?:at|on) \d",
        ),
    ),
    Rule(
        "information.personal_data_own",
        Category.PERSONAL_DATA_POSTED,
        3,
        "Holds a phone number, an e-mail address, a postcode or a number plate",
        words=(
            r"(?:\+44 ?7\d{3}|07\d{3}) ?\d{3} ?\d{3}",
            r"0[12]\d{2,3} ?\d{3} ?\d{3,4}",
            r"[\w.+]+@[\w]+ ?\.? ?(?:com|co|org|net|gov|ac|uk)",
            r"[a-z]{1,2}\d[a-z\d]? \d[a-z]{2}",
            r"[a-z]{2}\d{2} ?[a-z]{3}",
        ),
    ),
    Rule(
        "information.contempt",
        Category.CONTEMPT_RISK,
        3,
        "May prejudice live proceedings: guilt, identity or past of somebody arrested",
        words=(
            r"(?:hes|shes|he is|she is|theyre|they are|he|she|that man|him|the (?:lad|bloke|man|one|fella|guy|suspect) (?:you|they) (?:arrested|nicked|got|have)|the arrested man|person arrested|the 34 year old|suspect) (?:\w+ )?<3w>(?:guilty|did it|done it|killer|murderer|attacker|rapist|nonce|paedo|has form|got form|previous|done time|been (?:inside|in prison|done)|convictions?|known to (?:you|police|the police)|done it before|record|history of|should (?:rot|hang|swing|be hung))",
            r"(?:guilty|lock him up|throw away the key|hang him|let him rot|hope he rots|bring back hanging|life sentence|should get life|no trial needed)",
            r"(?:he|she|they|whoever) (?:\w+ )?(?:has|had|got|have|s got) (?:\w+ )?(?:form|previous|convictions|a record|been (?:arrested|inside|jailed|charged) before)",
            r"(?:we all know|everyone knows|i know|i heard|apparently|its) (?:\w+ )?(?:who|it was|its) <4w>(?:arrested|they arrested|did it|nicked|charged|been arrested|got arrested)",
            r"(?:jury|trial|court|judge|charged|arrested|custody)<9w>(?:guilty|rot|scum|hang|did it|killer|name|named|whos|identity|form)",
            r"(?:who|whos|who is|name|names) (?:\w+ )?(?:have you |did you |been |got |was |the |they |of the )*(?:arrested|arrest|nicked|charged|in custody)(?: man| lad| person)?",
        ),
        unless=(
            r"(?:innocent until|fair trial|let the court|dont speculate|stop speculating|sub judice|prejudice)",
        ),
    ),
    Rule(
        "information.misinformation",
        Category.MISINFORMATION,
        3,
        "A rumour or an unchecked claim",
        words=(
            r"(?:apparently|supposedly|allegedly|rumou?rs?|is it true|heard (?:that|hes|shes|theyre|its|there|the|from|on|he|she|a|its)|ive heard|i heard|been told|just been told|my (?:mate|mates|cousin|brother|sister|mum|friend|uncle|neighbour|lad|son|daughter)s? (?:\w+ )?(?:says?|said|told|reckons?|works|seen|saw|heard|knows|just)|someone (?:said|told|on|posted|says|just)|somebody (?:said|told|on|posted|says)|people (?:are )?(?:saying|said|say|reckon)|theyre saying|they say|saying online|everyones saying|everyone is saying|on (?:whatsapp|telegram|tiktok|snapchat|snap|facebook|fb|twitter|x|insta|the group|the news)(?: \w+)? (?:saying|that|says|said|hes|shes|its|theres|theyve|group|it says)|saw (?:it )?on (?:facebook|tiktok|snap\w*|telegram|whatsapp|twitter)|word is|going round|going around|doing the rounds|screenshot|voice note|source(?:s)? (?:say|says|told)|confirmed by|100% (?:true|confirmed|fact|legit)|trust me|fact\b|friend of a friend|inside info|mainstream media|msm|msm wont|media blackout|wont tell you|not telling us|what theyre not telling|dont want you to know|share before|before they delete|pass it on|spread the word)",
            r"(?:\d{2,4}|hundreds|thousands|dozens|loads|coaches|coach loads?|busloads?|vans? full) (?:of )?(?:\w+ )?(?:them|people|lads|rioters|foreigners|migrants|men|corvans|police|army)? ?(?:coming|on (?:their|the) way|heading|being bussed|bussed in|arriving|marching)",
            r"(?:boy|lad|kid|he|girl|she|child|teenager|man|woman|hes|shes|15 year old|victim|officer) (?:\w+ )?(?:has |is |s |was |been |just |sadly |actually )*(?:died|dead|passed away|brain dead|murdered|killed|not going to make it|on life support|found dead|been found)",
            r"(?:army|soldiers|sas|troops|martial law|curfew|water cannon|terror attack|internet|mobile masts?|gas mains|water supply) (?:\w+ )?(?:is |are |been |being |on |s |have |has |was )*(?:called in|coming|deployed|the way|imposed|declared|cut off|switched off|poisoned|shut down|brought in|streets)",
            r"(?:police|cops|council|government|you) (?:\w+ )?(?:are |is |have |has |were |was )*(?:lying|covering|hiding|paid|told to stand down|stood down|letting (?:them|it)|protecting|staged|false flag|crisis actors?|set up|inside job)",
            r"(?:false flag|crisis actors?|staged|hoax|psy ?op|plandemic|deep state|wake up (?:people|sheeple))",
        ),
        unless=(
            r"(?:not true|is not true|isnt true|untrue|stop spreading|dont spread|please stop|fake news|dont believe (?:everything|rumours)|check (?:the )?facts|stop the rumours|ignore the)",
        ),
    ),
    Rule(
        "information.request",
        Category.INFORMATION_REQUEST,
        4,
        "May be a request under information law",
        words=(
            r"(?:freedom of information|foi|foia|subject access|sar request|dsar|right of access|data protection|gdpr|erasure|right to be forgotten|delete my (?:data|details|information)|copy of (?:my|the|all) (?:\w+ )?(?:data|records?|file|statement|footage|information)|body ?worn (?:video|footage))",
            r"(?:how (?:much|many) (?:\w+ )?<6w>(?:cost|spent|spend|complaints|arrests|officers were|stop and search\w*|crimes|incidents|deployed|public money|taxpayers?))",
            r"(?:clares law|claires law|sarahs law|dbs check|disclosure (?:scheme|request)|request (?:a copy|information|the footage|disclosure))",
        ),
    ),
    Rule(
        "information.where_a_person_lives",
        Category.PERSONAL_DATA_POSTED,
        2,
        "A house number and street, or an officer's or a child's details",
        words=(
            r"\d{1,3}[a-z]? (?:[a-z]+ ){1,3}(?:street|road|lane|avenue|close|drive|way|court|crescent|gardens|terrace|row|place|grove|mews|walk|rise|croft|fold)",
            r"(?:[a-z]+ ){1,2}(?:street|road|lane|avenue|close|drive|court|crescent|terrace|row|rise|walk|way) (?:number|no|num|with the|the one with|blue door|red door|white) ?(?:\d{1,3}|white garage|\w+ door|garage|\w+ gate)",
            r"(?:collar|badge|shoulder|warrant) (?:number |no |num )?\d{3,5}",
            r"(?:pc|officer|sgt|sergeant|dc|pcso) [a-z]+ [a-z]+ <6w>(?:lives|live|drives|kids|house|address|wife|goes to)",
            r"(?:lives|living|live|goes|go) (?:\w+ )?(?:on|in|at|to) (?:[a-z]+ ){1,3}(?:street|road|lane|avenue|close|drive|way|court|crescent|terrace|row|rise|walk|school|primary|academy|girls|boys|high)<6w>(?:garage|door|form|year|mum|dad|works|just so|everyone|share|nights|car|number|house|gate)",
            r"(?:her|his|their|school|the) (?:school )?(?:photo|photos|pics|pictures)<6w>(?:subscribe|exclusive|tonight|full story|link|channel|leaked|of the)",
        ),
        unless=(
            r"(?:i live|we live|im at|were at|my address|our address|i am at|come to (?:me|us)|meet|open at|shop|cafe|church|charity|hall|office|surgery|bus|number \d+ bus|business|call \d|ring \d)",
            r"(?:crash|accident|closed|closure|traffic|roadworks|pothole|parked|parking|speeding|streetlight|fly tipping|burglary|broken into|stolen)",
        ),
    ),
)
