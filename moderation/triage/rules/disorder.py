"""Calls to disorder and operations given away. Sources: Serious Crime Act 2007 s.44 (encouraging); APP public order."""

from moderation.categories import Category
from moderation.triage.rule import Rule

RULES = (
    Rule(
        "disorder.incitement",
        Category.INCITEMENT_DISORDER,
        2,
        "Calls people to disorder or attack",
        words=(
            r"(?:burn|smash|torch|trash|wreck|loot|raid|storm|petrol bomb|rush|break|firebomb|brick|flatten) (?:\w+ )?(?:it|them|the|that|this|every|their|all|everything|his|em|through|in) ?(?:\w+ )?(?:all )?(?:down|up|out|lot|place|shops?|hotel|mosque|hostel|station|nick|town|cops?|police|vans?|cars?|lines?|cordon|to the ground|windows?|in|centre)(?: (?:tonight|now|lads|boys))?",
            r"(?:everyone|everybody|lads|boys|all|who|whos|anyone|us lot|lets|come on|get) (?:\w+ )?(?:meet|meeting|meetin|gather|be|link|get|come|coming|tooled|masked|mask|bring|down|out|head|go|assemble|pull|turn|show)<6w>(?:tonight|<now>|at \d+|masks?|balaclavas?|bricks?|bats?|tooled|town|street|castle|market|fight|riot|kick off|bottles|ready|smash|war|back|streets?|deep|handed|up there|bring)",
            r"(?:bring|grab|get|got|take|wear) (?:\w+ )?(?:your |ur |yer |a |the |some )?(?:masks?|balaclavas?|bricks?|bats?|bottles|petrol|weapons?|tools|fireworks|hammers?|bally|ballys|hoods?|face coverings?|poles?|stones?)(?: .{0,40})?",
            r"(?:riot|riots|rioting|kick off|kicking off|kick it off|war|civil war|uprising|revolution|purge) (?:\w+ )?(?:tonight|tomorrow|at \d+|time|is coming|starts|in (?:town|market)|now|on the streets|lads|incoming|who)",
            r"(?:start|lets|time to|gonna|going to|need to|we should|ready to|want to|up for|should) (?:\w+ )?(?:riot|kick off|fight back|take (?:the|our) (?:streets?|town|country)|take back|hit back|burn|smash|loot|fight (?:them|the|back)|get them out|drive them out|storm|tear|rip)",
            r"(?:take|get|reclaim|taking) (?:our|the) (?:streets?|town|country|estate) back",
            r"(?:attack|hit|get|do|jump|rush|bottle|brick|batter|charge|fuck up|have) (?:the )?(?:cops?|police|feds|pigs|coppers|officers|old bill|bizzies|fed|riot police)(?: .{0,40})?",
            r"(?:kill|hang|shoot|burn|gas|deport|bomb|exterminate|lynch|round up) (?:all |every |the |each and every |them |every last |every single )+(?:\w+)?",
            r"(?:they all |they |all of them |all )?(?:deserve|deserves|need|needs|want|should) (?:to )?(?:all )?(?:be )?(?:hanging|hanged|shot|burnt|burned|burn|a bullet|shooting|stringing up|strung up|kicking to death|a good kicking|a kicking|putting down|wiped out|a beating|lynching|exterminated)",
            r"(?:its|everything|they|will|gonna) (?:\w+ )?(?:kicking|kick) off (?:\w+ )?(?:at|tonight|in|later|properly|by|again at)<4w>(?:be there|come|meet|join|get|tell|spread|down|bring)?",
            r"(?:cops|police|feds|filth|pigs) (?:cant|wont|not) (?:stop|get|arrest|hold|catch) (?:us|all of us|everyone)(?: .{0,40})?",
        ),
        unless=(
            r"(?:emojilaugh|lol|lmao|rofl|haha\w*)",
            r"(?:please|dont|do not|stop|pls|never|shouldnt|no need to|anyone who|those who|idiots|morons|people who|thugs|mindless|disgusting|shame|why would|calm|stay (?:home|in|indoors|safe|away)|go home|stay at home|keep away|condemn|arrested)",
            r"(?:litter|tidy|clean|cleaning|brooms?|brushes|volunteers?|gloves|vigil|flowers|candles|blankets|cakes?|food|teas?|search|posters|torches)",
            r"(?:football|pub|match|game|sale|quiz|carnival|gig|concert|party|wedding|fete|fair|park ?run)",
            r"(?:key|book|budget|targets?|back)pack",
            r"(?:kill|burn) (?:all |the |every )+(?:lights?|calories|fat|bugs|germs|weeds|time|mood|vibe|trees|high street|trade|town|nhs)",
        ),
        quoted=False,
    ),
    Rule(
        "disorder.operation_exposed",
        Category.OPERATION_EXPOSED,
        2,
        "May give away where officers are or what they are about to do",
        words=(
            r"(?:cops?|police|feds|officers?|vans?|riot (?:vans?|police|cops)|armed (?:police|response|cops|officers)|unmarked|dogs?|horses|firearms|arv|swat|tsg|psu|undercovers?|plain ?clothes|cid|surveillance|they|theyre|theyve|old bill|bizzies|response|helicopter|drone) (?:\w+ )?(?:are |is |were |was |all |have |has |just |got |s |re |now |about |been )*(?:parked|parking|hiding|hid|sat|sitting|waiting|lined|lining|tucked|behind|round the back|coming up|coming down|coming from|moving|queued|forming|formed|grouping|stacked|massing|gathering|getting ready|going in|about to (?:raid|go in|move|hit|enter)|raiding|kettling|blocking|surrounding|searching (?:the )?(?:house|flat|no|number)|outside|set up|based|staging|briefing|loading|mustering) <4w>(?:behind|in|at|on|by|outside|round|the|up|along|down|car park|lane|school|church|road|street|row|hill|side|tesco|lidl|asda|aldi|leisure centre|alley|yard|number)",
            r"(?:live ?stream|streaming|live feed|going live|filming live|fb live|facebook live|tiktok live)<6w>(?:police|cops|officers|raid|armed|roof|house|siege|positions?|line|search)",
            r"(?:the )?(?:officer|cop|copper|undercover|informant|grass|snitch|detective|witness)<2w>(?:is called|name is|name|is|named|lives|works undercover|drives a)<4w>(?:and|at|on|lives|undercover|plate|reg|avoid|watch out|careful|grey|black|blue|silver)",
            r"(?:undercover|unmarked|plain ?clothes|cop|police|feds) (?:\w+ )?(?:car|cars|van|bmw|astra|focus|insignia|officer|cops?|copper|vauxhall|skoda|octavia|golf|audi|volvo) (?:\w+ )?<3w>(?:reg|plate|parked|sat|outside|number|is|behind|round|on|at|in)<6w>(?:reg|plate|street|road|lane|row|park|avoid|careful|heads up|lads|boys|watch|\w+\d+\w*)",
            r"(?:heads up|watch out|warning|careful|fyi|lads|boys|avoid)<6w>(?:cops|police|feds|vans|dogs|unmarked|undercover|raid|armed|speed van|officers)<6w>(?:behind|at|on|in|by|round|outside|lane|street|road|park|row|coming|waiting)",
            r"(?:raid|raids|raided|warrant|search team|siege|operation) (?:\w+ )?(?:about to|happening|going on|in progress|at (?:number|no|\d+)|on (?:our|my|the|their)|<now>|planned|tomorrow|due|at dawn)",
            r"(?:no|hardly any|not many|only \d+|no more than \d+|they have no|zero) (?:cops|police|officers|feds)<3w>(?:on|at|in|by|down|round|left|guarding) <4w>(?:so|go|get|use|street|lane|side|row|road|way|end|mill|free)",
            r"(?:cordon|police line|line|tape) (?:is |s )?(?:weak|thin|open|empty|nobody|no one|not watched|unguarded|broken)<4w>",
            r"(?:get|go|can get|cut|sneak|got|slip|come) (?:in |through |round |past |behind |around )+(?:\w+ )?(?:the )?(?:cordon|tape|police line|line|cops|feds|police)<6w>(?:via|by|through|back|alley|gap|ginnel|lane|passage|behind|from|over|canal)",
        ),
        unless=(
            r"(?:emojilaugh|lol|lmao|haha\w*)",
            r"(?:thank|thanks|well done|proud|brilliant|bless|reassuring|good to see|great to see|nice to see|lovely|support|safer|amazing|hero\w*|respect|cake|cuppa|tea)",
            r"(?:why (?:are|is|were|have|do)|what(?:s| is)|can anyone|does anyone|anyone know|is it|wheres|where are|where were|where is|when|how come|not enough|never see|we need|need more|should be|could do|eating|mcdonalds|donuts?|doughnuts?|kebabs?)",
            r"(?:blocking|parked) (?:\w+ )?(?:my drive|our drive|the pavement|my driveway|disabled bay|double yellows)",
        ),
    ),
)
