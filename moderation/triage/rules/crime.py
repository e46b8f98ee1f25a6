"""Crime reported, intelligence, antisocial behaviour, traffic.

Intelligence goes to people at high: what somebody offers about who did it may be lost within minutes.
"""

from moderation.categories import Category
from moderation.triage.rule import Rule

RULES = (
    Rule(
        "crime.intelligence_on_harm",
        Category.INTELLIGENCE,
        2,
        "Offers knowledge about who did it, where a weapon is or where somebody hides",
        words=(
            r"(?:i know|we know|i can tell you|know exactly|i have|ive got|got|have) (?:\w+ )?(?:who|where|what|the name|names|information|info|evidence|footage|video|cctv|dashcam)<9w>(?:stabbed|shot|killed|attacked|hit (?:him|her|the lad|the boy)|weapon|knife|gun|took her|has her|hiding|hid|body|murder\w*)",
            r"(?:knife|gun|machete|weapon|blade|shooter|firearm)<2w>(?:is |was |s |thats |are |got |been |were )?(?:\w+ )?(?:hidden|stashed|thrown|threw|chucked|dumped|buried|in (?:the|a) (?:bin|drain|canal|river|bushes|shed|garden|loft|skip|car)|under (?:the|a))",
            r"(?:threw|chucked|dumped|hid|stashed|slung|lobbed|dropped|ditched) (?:\w+ )?(?:a |the |his |that |something |what looked like a |it )?(?:\w+ )?(?:knife|gun|machete|weapon|blade|firearm|bag|phone)<3w>(?:in|into|over|behind|under|down|at|by) (?:the|a|my|our|his)",
            r"(?:hes|shes|the (?:lad|one|bloke|man|boy|person|suspect)|he|she|they|theyre|guy) (?:\w+ )?<4w>(?:hiding|hid|laying low|lying low|staying|stopping|kipping|holed up) (?:\w+ )?(?:at|in|with|up|round) (?:his|her|a|the|my|number|no)",
            r"(?:dont|do not|cant|please dont|not) (?:\w+ )?(?:say|tell|use|mention|give|put) (?:\w+ )?(?:it was me|it came from me|my name|who told you|where you got|i said|who i am)",
            r"(?:want|wanna|need|like|prefer|got) to (?:stay|remain|be|say|tell you) (?:\w+ )?(?:anonymous|something|this privately|in private)<4w>",
        ),
        unless=(
            r"(?:emojilaugh|lol|lmao|haha\w*)",
            r"(?:crime ?stoppers|film|drama|book|game)",
            r"(?:how (?:can|do)|can i|is there)",
        ),
    ),
    Rule(
        "crime.report",
        Category.CRIME_REPORT,
        3,
        "May report a crime",
        words=(
            r"(?:my|our|his|her|their|the|neighbours|mums|dads|nans|a|some) (?:\w+ )?(?:car|van|bike|bicycle|motorbike|moped|shed|house|home|shop|phone|wallet|purse|handbag|bag|garage|allotment|caravan|scooter|catalytic converter|tools|number plates?|laptop|parcels?|e ?bike|flat|windows?|wing mirrors?|tyres?|trailer|dog|plants?|pots|bins?|window|windscreen|quad) (?:\w+ )?(?:was |were |has |have |had |been |got |just |is |being |getting |s |again )*(?:stolen|nicked|broken into|burgled|robbed|vandalised|smashed|keyed|taken|damaged|egged|slashed|pinched|swiped|scratched|kicked in|put through|put in|torched|burnt out|set on fire|trashed|ransacked|gone)",
            r"(?:stole|stolen|nicked|robbed|robbing|stealing|burgled|burglary|burglar|burglars|mugged|mugging|shoplift\w*|pickpocket\w*|snatched|vandalised|vandalism|criminal damage|thieves|thief|theft|break in|breaking into|broke into|broken into|tried (?:to get into|the door|my door|car doors|my car|our door)|trying (?:car|door) (?:doors|handles)|hit and run|fly tipp\w*|arson|assaulted|catalytic converter)",
            r"(?:report|reporting|reported) (?:a |an |this |that |my |the |it |some )?(?:\w+ )?(?:crime|burglary|theft|robbery|assault|incident|fraud|vandalism|damage|break in|stolen)",
            r"(?:drug (?:dealer|dealers|dealing|deals|den)|dealing (?:drugs|weed|coke|crack)|selling (?:drugs|weed|coke|vapes to)|county lines|cannabis (?:farm|factory|grow)|crack (?:house|den)|knocked off|black market|stolen goods)",
            r"(?:spiked|spiking|drink was spiked|flashed (?:me|at|my)|flasher|exposed himself|indecent exposure|upskirt\w*|groped|touched me up|sexual assault|sexually assaulted|raped|rape)",
            r"(?:ive been|i was|been|just been|got|was|weve been|hes been|shes been) (?:\w+ )?(?:scammed|defrauded|conned|hacked|robbed|attacked|assaulted|mugged|burgled|threatened|ripped off|punched|headbutted|pushed over|spat (?:at|on))",
        ),
        unless=(
            r"(?:well done|great (?:job|work|result|news)|good (?:job|work|result)|nice one|crime ?wave|years ago|stats|statistics|prevention|advice on|how (?:do|can) (?:i|we) (?:prevent|protect|secure))",
            r"(?:stole|stolen|stealing) (?:the show|my heart|a march|a kiss)",
            r"daylight robbery",
        ),
    ),
    Rule(
        "crime.intelligence",
        Category.INTELLIGENCE,
        3,
        "May hold information for an investigation",
        words=(
            r"(?:ive got|i have|have|got|weve got|we have|theres|there is|my \w+ (?:has|got)|here is|sending|sent|send|uploaded|dm|check) (?:\w+ )?<3w>(?:cctv|dash ?cam|ring doorbell|doorbell (?:cam|camera|footage|video)|footage|video|videos|photos|pictures|recording|screenshots?|evidence|information|info|camera)<6w>",
            r"(?:reg|registration|number plate|plate|reg no|reg number)<3w>(?:is|was|of|started|ended|begins|number|ending|starts|[a-z]{2}\d{2})",
            r"(?:i |we |my \w+ )(?:\w+ )?(?:saw|seen|witnessed|watched|noticed|heard|was there when|was stood|recogni[sz]e)<9w>(?:happen\w*|running|ran|run|masks?|hood|balaclava|van|car|bike|moped|throw\w*|fight\w*|attack\w*|knife|lads?|men|man|suspicious|it all|whole thing|plate|smash\w*|drove off|arguing|argument|shouting|bang)",
            r"(?:suspicious|dodgy|acting (?:strange|odd|weird|suspicious)|hanging (?:around|about)|looking into (?:cars|windows|houses|gardens)|casing)<6w>(?:man|men|van|car|lads?|people|male|vehicle|bloke|activity|person|behaviour|houses|estate|street|flat|house)",
            r"(?:comings and goings|people coming and going|cars (?:pulling up|coming and going)|all hours)<5w>",
            r"(?:witness|witnesses|i was a witness|statement|who do i (?:tell|speak|talk|give)|where do i (?:send|upload)|how do i (?:send|upload|share))<5w>(?:footage|information|video|it|this|statement|police|what i|about|cctv|dashcam)?",
            r"(?:name is|names|its|it was|thats) (?:\w+ )(?:from|off|on) (?:the )?(?:\w+ )?(?:estate|road|street|drive|lane|way|avenue)",
        ),
        unless=(
            r"(?:emojilaugh|lol|lmao|haha\w*)",
            r"(?:stop sharing|dont share|please dont|fake|old (?:video|footage)|not real|is there (?:any )?(?:cctv|footage)|should have cctv|have you (?:got|checked|looked))",
            r"(?:great|nice|lovely|cute|funny) (?:video|photos?|pictures?|pics)",
        ),
    ),
    Rule(
        "crime.asb",
        Category.ASB,
        4,
        "Antisocial behaviour",
        words=(
            r"(?:kids?|youths?|teenagers?|lads?|gangs?|yobs?|drunks?|neighbours?|students?|people|someone|idiots|boys|they|hooligans|feral) (?:\w+ )?<3w>(?:on (?:bikes|e ?scooters|quads|off ?road bikes|motorbikes|mopeds)|throwing|letting off|setting off|drinking|shouting|swearing|smoking weed|causing (?:trouble|havoc|mayhem)|hanging (?:around|about|round)|kicking (?:a|balls|footballs|off)|playing (?:loud )?music|being (?:loud|abusive|rowdy)|intimidating|racing|peeing|urinating|fighting|banging|knocking|climbing|partying|running riot|terrorising|revving|making (?:a )?noise)",
            r"(?:anti ?social|asb|nuisance|noisy neighbours?|loud music|noise (?:complaint|nuisance)|public nuisance|off ?road bikes?|quad bikes?|illegal (?:bikes?|e ?scooters?)|nitrous oxide|laughing gas|canisters|graffiti|litter\w*|dog (?:mess|poo|fouling)|fireworks|begging|beggars|street drinkers|knock a door run|knock down ginger|weed smell|smell of weed|stinks of weed|cannabis|bonfires?|rowdy|drunk(?:en|s)|boy racers?|moped|mopeds|airgun|catapults?|barking dogs?)",
        ),
    ),
    Rule(
        "crime.traffic",
        Category.TRAFFIC,
        4,
        "Traffic and roads",
        words=(
            r"(?:traffic|roads?|road closed|closure|diversion|speeding|speeders|speed (?:camera|cameras|limit|bumps|van|trap|gun)|parking|parked|double yellow\w*|pavement parking|bus(?:es)?|bus route|a\d{1,3}|m\d{1,2}|junction|roundabout|lights|traffic lights|crash|collision|rtc|accident|breakdown|broken down|pothole\w*|gridlock\w*|tailback\w*|queue\w*|lorry|lorries|lane|rat run|red light|drink driv\w*|drunk driver|dangerous driv\w*|mobile (?:phone )?(?:while|at the wheel)|cyclists?|bike lane|blue badge|disabled bay|school run|zig ?zags?|e ?scooters?|one way|no entry|tractor|debris|black ice|icy|gritt\w*)<2w>(?:<person>)?",
        ),
        also=(
            r"(?:traffic|road|roads|closed|closure|diversion|speed\w*|parking|parked|parks|park|a\d{1,3}|m\d{1,2}|junction|roundabout|crash\w*|collision|rtc|accident|pothole\w*|gridlock\w*|tailback\w*|queue\w*|driv\w*|drivers?|lorry|cyclists?|e ?scooters?|lane|debris|ice|icy|gritt\w*|lights|30 zone|20 zone|mph|crossing|bus|buses)",
        ),
        unless=(r"car park (?:at|behind|next)", r"human traffic\w*"),
    ),
    Rule(
        "crime.plans_and_offenders",
        Category.INTELLIGENCE,
        2,
        "Knows of a plan, or has an offender or a vehicle on record",
        words=(
            r"(?:group chat|whatsapp group|telegram (?:group|channel)|snapchat group|screenshots? (?:of|from|sent)|chat with)<9w>(?:planning|agreeing|attack|come here|coming|meet|going to|burn|after|members|hit|admin)",
            r"(?:have|got|caught|on) (?:him|her|them|it|his (?:face|car|van|plate|reg)|the (?:car|van|reg|plate|man)) (?:\w+ )?on (?:my |our |the |a )?(?:camera|cctv|dash ?cam|video|doorbell|film|ring)",
            r"(?:asked|asking|wanted) (?:\w+ )?(?:could we|us to|me to|if we|if i|for) <9w>(?:no paperwork|respray|false plates|no questions asked|get rid of)",
            r"(?:lads?|men|man|people|boys?|bloke|they)<9w>(?:filling (?:glass )?bottles|petrol|jerry ?can|loading (?:up )?(?:bricks|bats)|stash\w*|handing out|weapons?)(?: .{0,40})?",
            r"(?:can|could|will|ill|i can|let me) (?:\w+ )?(?:send|give|show|forward) (?:you |u )?(?:\w+ )?(?:the whole thing|the (?:number|name|names|admin|group|chat)|screenshots|everything|his name|their names|proof)",
        ),
        unless=(r"(?:emojilaugh|lol|lmao|haha\w*)", r"(?:funny|cute|lovely|fox|cat|dog|deer|hedgehog)"),
    ),
)
