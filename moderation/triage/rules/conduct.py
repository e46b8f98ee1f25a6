"""How officers and staff behaved, and how people behave towards them.

Sources: IOPC statutory guidance 2020 (an expression of dissatisfaction is a complaint); published guidelines.
"""

from moderation.categories import Category
from moderation.triage.rule import Rule

RULES = (
    Rule(
        "conduct.serious_complaint",
        Category.COMPLAINT_ABOUT_POLICE,
        2,
        "A serious allegation against the police: force, custody, sexual misconduct",
        words=(
            r"(?:officer|officers|cop|cops|copper|coppers|policeman|policewoman|pc|police|detective|sergeant) (?:\w+ )?<3w>(?:raped|sexually assaulted|groped|assaulted|punched|beat|kicked|strangled|knelt on|tasered|broke) (?:\w+ )?(?:me|my|him|her|us|a|the)(?! man arrested)",
            r"(?:died|death|dead) in (?:police )?custody",
            r"(?:officer|officers|pc|cop|copper)<4w>(?:sending|messaging|messaged|asked) (?:me )?(?:nudes|for nudes|for sex|inappropriate)",
        ),
    ),
    Rule(
        "conduct.complaint",
        Category.COMPLAINT_ABOUT_POLICE,
        3,
        "Dissatisfaction with what the police did or did not do",
        words=(
            r"(?:make|making|made|put in|raise|file|filed|lodge|submit|submitted) (?:\w+ )?(?:a |an |my )?(?:formal |official |another )?complaints?(?: (?:about|against))?",
            r"(?:complaint|complain|complained|iopc|psd|professional standards|misconduct)<4w>(?:about|against|officer|police|reply|heard|response|your)?",
            r"(?:police|officers?|you|you lot|cops|nobody|no one|no ?body|101|control room|pcso|they|force|station|call handler|operator) (?:\w+ )?(?:never|didnt|dont|wont|wouldnt|havent|hasnt|not|couldnt|refused|failed|ignored|cant) (?:\w+ )?(?:come|came|turn|turned|show|showed|bother|bothered|respond|responded|do|did|done|call|called|ring|rang|reply|replied|care|cared|interested|help|helped|answer|answered|listen|listened|attend|attended|follow|followed|investigate|contacted|arrest|even|take|took|got back|get back|be bothered|come out|want to know)",
            r"(?:useless|pathetic|disgrace|disgraceful|shambles|joke|incompetent|corrupt|hopeless|pointless|waste of (?:time|space|money|tax)|too little too late|not fit for purpose|lazy|appalling|shocking|disgusted|failed|failing|letting us down|let down|let us down|two tier|2 tier|heavy handed|over the top|overkill|rude|bully|bullies|aggressive|unprofessional|institutionally)<6w>(?:police|policing|officers?|force|response|you|you lot|cops|service|department|101|999|the lot of you|station|handling|communication)",
            r"(?:police|policing|officers?|force|response|you lot|cops|service|101|youre|you are|you|your|the way|this) (?:\w+ )?<3w>(?:useless|pathetic|disgrace|disgraceful|shambles|a joke|incompetent|corrupt|hopeless|pointless|waste of (?:time|space|money|tax)|too little too late|not fit for purpose|lazy|appalling|shocking|failed|failing us|letting us down|let us down|two tier|2 tier|heavy handed|over the top|overkill|rude|bullies|aggressive|unprofessional|took (?:hours|ages|days))",
            r"(?:been )?(?:on hold|holding|waiting|waited|wait) (?:\w+ )?(?:for |on |over |nearly |about )?<3w>(?:hours?|minutes|mins|days?|weeks?|months?)<6w>(?:101|999|police|answer|reply|officer|call|someone|nobody|no one|call back|crime number|still|update|response)",
            r"(?:reported|told you|rang|called|phoned|emailed|messaged|complained|report|contacted|sent) <6w>(?:nothing|no (?:reply|response|answer|one|update|action)|nobody|still waiting|ignored|heard nothing|months ago|weeks ago|times|not heard|never heard|zero|twice|again and again)",
            r"(?:where (?:are|were|is|was) (?:the police|you|you lot|our police|the officers|all the police|everyone|the bobbies)|wheres (?:the police|the officers)|never (?:see|any) (?:\w+ )?(?:a |an |any )?(?:police|officers?|bobby|bobbies|copper|patrols?)|(?:no|any|more|not enough|hardly any) (?:police presence|bobbies on the beat|officers on the (?:street|beat)|patrols?)|havent seen (?:a|an|any) (?:police|officer|copper|pcso|bobby))",
            r"(?:stopped|searched|handcuffed|arrested|treated|pushed|shoved|hit|batoned|spoken to|dragged|kettled|threatened|shouted at) (?:\w+ )?<4w>(?:for nothing|for no reason|like (?:a criminal|dirt|criminals|animals)|without (?:reason|explanation)|no reason|by (?:your|an|one of your|two of your|a) (?:\w+ )?(?:officer|officers|cop|pc|dog))",
            r"(?:your|an|one of your|the|that) (?:officer|officers|pc|pcso|cop|copper|call handler|driver|van|bloke on the cordon|staff) (?:\w+ )?(?:was |were |is |are )?(?:so |really |extremely |very |just )?(?:rude|laughed|swore|smirk\w*|aggressive|abusive|pushed|shoved|hit|ignored|lied|refused|speeding|on (?:his|her|their) phone|parked|shouted|dismissive|sarcastic|arrogant|drove|jumped the lights|told me to)",
            r"(?:rather|better|more interested|easier|too busy|busy|instead of|quick enough|soon enough|happy enough) (?:\w+ )?<4w>(?:catching|chasing|nicking|fining|speeding|motorists|tweet\w*|facebook|posting|social media|dancing|rainbow|pride|real (?:crime|criminals|police\w*)|hurty words|mean tweets|arresting)",
            r"(?:do|doing|try doing|start doing) (?:your|ur|their|yer) (?:\w+ )?jobs?",
            r"(?:closed|dropped|filed|nfa|no further action|case closed)<6w>(?:investigat\w*|evidence|cctv|lines|email|letter|day|days|hours|minutes|crime number|nothing)",
            r"(?:cover ?up|covering (?:it )?up|hiding something|what are you hiding|lying to us|lies|liars|youre lying|dont believe (?:you|a word)|not telling us|protecting (?:them|him|your own))",
            r"(?:what (?:do|does|are) (?:we|our|my) (?:pay|paying|council tax|tax)|my taxes|council tax (?:for|pays|goes))",
        ),
        unless=(
            r"(?:well done|great (?:job|work|response)|excellent|fantastic|brilliant|thank you for (?:your|the|all)|credit|hats off|couldnt have been|dont blame|arent useless|nice one)",
            r"(?:parcel|amazon|evri|courier|pizza)",
        ),
    ),
    Rule(
        "conduct.abuse_of_staff",
        Category.ABUSE_OF_STAFF,
        3,
        "Abuse aimed at officers or staff",
        words=(
            r"(?:pigs?|filth|bacon|bastards?|wankers?|cunts?|scum|scumbags?|pricks?|twats?|tossers?|dickheads?|arseholes?|assholes?|thugs?|rats?|dogs?|morons?|idiots?|clowns?|muppets?|gestapo|nazis?|fascists?|bellends?|cowards?|shits?|vermin|knobheads?|plastic police|jobsworths?|corrupt (?:bastards?|pigs?|cunts?)|bootlickers?|parasites?|worms?|bitch|slag|cow|fat (?:pig|cow|cunt|bastard))<4w>(?:in (?:uniform|blue)|police|cops|coppers?|officers?|you lot|the lot of (?:you|u|them|yous)|all of (?:you|u|them|yous)|every one of you|you are|like you|with badges?|<person>)?",
            r"acab|1312|all (?:cops|coppers) are (?:bastards|bad)",
            r"fuck (?:the |all |off |da )?(?:police|cops|feds|pigs|you|coppers|you lot|yous|u|off|12|old bill|filth)",
            r"(?:hope|pray|wish) (?:\w+ )?(?:you|your|they|he|she|that officer|the officer|officers?|all of you|yous|u) <3w>(?:get|gets|die|dies|rot|rots|burn|burns|hurt|sacked|suffer|cancer|lose|choke|crash|injured|battered|stabbed|shot)",
            r"(?:police|cops|coppers|officers?|feds|you) (?:\w+ )?(?:are |is |r |all |bunch of |just |a |lot of |fucking |absolute |total |nothing but |set of |you )+(?:pigs?|filth|bastards?|wankers?|cunts?|scum|pricks?|twats?|tossers?|thugs?|rats?|clowns?|muppets?|nazis?|fascists?|cowards?|vermin|morons?|idiots?|bellends?|knobheads?)",
            r"(?:thick|fat|ugly|stupid|dumb|useless|lazy|pathetic|moronic|ginger|bald) (?:\w+ )?(?:pig|pigs|cow|bitch|cop|copper|pcso|plod|officer|bint|mare|tart|cunt|twat|bastard|lump)",
            r"(?:whoever|who ever|the (?:idiot|moron|muppet|clown|person|intern)) (?:\w+ )?(?:runs|running|writes|wrote|on|typing|behind|posting|is (?:running|writing|typing)) (?:this|the|these|your)(?: .{0,60})?(?:sacked|idiot|moron|thick|clown|muppet|useless|twat|pathetic|embarrass\w*|shut|brain|gcse|liar|lying)?",
        ),
        unless=(
            r"(?:rats? (?:in|problem|infest\w*)|guinea pigs?|pigs? (?:in blankets|farm|trotters|ear)|bacon (?:butty|sandwich|roll|bap)|my dogs?|police dogs?|dog (?:unit|walker|walking|mess|poo)|hot dogs?|cow(?:s)? (?:on|in|loose)|worm(?:ing|s) (?:tablets|farm)|loose (?:pigs?|dogs?|cows?)|good (?:dog|boy|girl))",
            r"(?:dogs?|pigs?|rats?|cows?) (?:escaped|loose|on the|in the|barking|attack\w*|bit|running|off (?:the )?lead|missing|lost|found|stolen)",
            r"(?:lock|catch|hope you catch|get|jail|nick|arrest|caught|thieving|mindless|these|those|found|throw|put|bang) <4w>(?:scum|scumbags?|thugs?|bastards?|idiots?|rats?|cowards?|vermin|morons?|clowns?|pricks?|them)",
            r"(?:emojiheart)",
        ),
    ),
)
