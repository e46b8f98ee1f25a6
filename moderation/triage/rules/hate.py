"""Hatred of a protected group. Source: APP hate crime (race, religion, sexual orientation, disability, transgender).

Identity words alone never raise anything: a hostile act or a dehumanising word must stand beside them.
"""

from moderation.categories import Category
from moderation.triage.rule import Rule

# Corvans are nobody: exercises use an invented nationality, so that no real group is abused in training.
_GROUPS = (
    r"(?:muslims?|islam|jews?|jewish|blacks?|black people|asians?|pakistanis?|indians?|bangladeshis?|immigrants?|migrants?|illegals?|refugees?|"
    r"asylum seekers?|foreigners?|foreign|gypsies|gypsy|travellers?|roma|poles|polish|romanians?|africans?|somalis?|arabs?|chinese|hindus?|sikhs?|"
    r"gays?|lesbians?|trans|transgender|queers?|lgbt\w*|disabled|autistic|corvans?|corvians?|corvan|ukrainians?|afghans?|syrians?|kurds?|albanians?|eastern europeans?|turks?|hijabs?|headscarf|mosque|synagogue|temple)"
)
_VILE = (
    r"(?:vermin|scum|rats?|animals?|savages?|parasites?|cockroach\w*|filth|filthy|dirty|subhuman|disease|plague|invaders?|invasion|infest\w*|"
    r"breeding|barbarians?|monkeys?|apes?|leeches|cancer|sub human|inbred|rapists?|terrorists?|paedos?|swarm\w*|primitives?)"
)
_COUNTER = (
    r"(?:racist|racists|racism|bigots?|bigotry|hate crime|islamophobi\w*|antisemit\w*|homophobi\w*|transphobi\w*|xenophob\w*|shame on|disgusting comments|"
    r"not all|dont blame|stop blaming|dont tar|my neighbours?|are welcome|solidarity|human beings|just like us|stand with|we stand|innocent|nothing to do with)"
)
_SLURS = (
    r"paki|pakis|nigger|niggers|nigga|wogs?|coons?|chinks?|gooks?|kikes?|yids?|pikeys?|pikies|gyppos?|sand ?niggers?|towel ?heads?|rag ?heads?|"
    r"muzzies|muzz?rats?|faggots?|poofs?|poofters?|dykes?|trannies|tranny|spastics?|spaz\w*|retards?|retarded|mongs?|mongol|golliwogs?|darkies|darky|half ?caste|camel jockeys?|goat ?shaggers?|batty ?(?:boy|man)"
)

RULES = (
    Rule(
        "hate.incident_reported",
        Category.HATE_CRIME,
        2,
        "Somebody reports hatred aimed at them or theirs",
        words=(
            r"(?:called|calling|calls|shouted|shouting|shouts|screamed|screaming|sprayed|wrote|painted|spat|spitting|spit|threw|throwing|told|telling|pulled|ripped|put|posted|yelled|graffiti) <9w>(?:racist|racial|slurs?|go home|go back|terrorist|paki|pakis|faggot|swastika|hijab|headscarf|my skin|colour|because (?:im|we|were|he|she|hes|shes|theyre|i|of (?:my|our|his|her))|accent|turban|tranny|retard|where (?:you|we) come from|speak english|dirty|foreign\w*|get out of (?:our|my|the) country|corvan\w*|corvia\w*|religion|n word|p word)",
            r"(?:racist|racially|homophobic|transphobic|islamophobic|antisemitic|religious|disability|disablist|xenophobic|racial|hate) (?:\w+ )?(?:abuse|abused|attack|attacked|slurs?|incident|graffiti|crime|assault|assaulted|remarks|comments?|chant\w*|bullying|harass\w*|names?|insults?)<6w>(?:me|my|us|our|today|last|reported|report|happened|outside|her|him|neighbour|daughter|son|wife|school|bus|shop|tonight|just|again|on|at|<now>)",
            r"(?:attacked|beaten|spat at|targeted|abused|bullied|harassed|followed|threatened|chased|refused) <3w>(?:because|for being|just because|cos|cause) <4w>(?:gay|black|muslim|jewish|asian|disabled|trans|foreign|polish|brown|religion|hijab|turban|skin|colour|race|accent|wheelchair|autistic|romanian|lesbian|sikh|hindu|corvan|corvian|different|chinese|african|from|im|we|were|my|hes|shes|our)",
            r"(?:mosque|synagogue|temple|gurdwara|our shop|my shop|our house|family|kids|neighbours?) <6w>(?:swastika|racist|graffiti|pigs? head|bacon|bricks? through|windows? (?:put in|smashed)|sprayed|hate mail|threatening letter|targeted)",
            r"(?:scared|afraid|frightened|terrified|dont feel safe|not safe|dont dare|too scared|unsafe|wont let) <9w>(?:because (?:were|im|we|of our|of my|they are)|hijab|headscarf|turban|<group>|muslim|our mosque|accent|skin|foreign|speaking (?:our|my)|corvan|corvian|polish|my language|brown|black|jewish)".replace(
                "<group>", "immigrants"
            ),
        ),
        unless=(r"(?:emojilaugh|lol|lmao|years ago|when i was)", r"(?:documentary|awareness week|training)"),
    ),
    Rule(
        "hate.hostility",
        Category.HATE_CRIME,
        2,
        "Hostility towards a protected group",
        words=(
            rf"(?:kill|hang|shoot|burn|gas|deport|bomb|drown|sink|exterminate|lynch|round up|send|kick|ship|chuck|throw|get|drive|put|wipe|cleanse|stone|hunt|smash|attack|ban|purge|cull|remove) (?:\w+ )?<3w>{_GROUPS}(?: (?:\w+ )?<2w>(?:out|back|home|packing|down|off|sea|boats?|all|first|where))?",
            rf"{_GROUPS} (?:\w+ )?<4w>(?:{_VILE}|out|go home|not welcome|back where|get out|should (?:be|all|die|burn|hang|leave|go)|need (?:to )?(?:go|deporting|shooting|hanging|wiping|get out)|(?:dont|do not) belong|taking over|ruin\w*|destroy\w*|all the same|cant be trusted|disgust\w*|make me sick|breed\w*|deserve\w*|have to go|want (?:shooting|hanging|deporting))",
            rf"{_VILE} (?:\w+ )?<2w>{_GROUPS}",
            rf"(?:fuck|fucking|fuckin|bloody|effing|hate|sick of|fed up with|typical|always|bet its|bet it was|another|no more|too many|stinking|these) (?:\w+ )?<1w>{_GROUPS}(?: (?:\w+ )?.{{0,40}})?(?:again|out|lot|people|cunts?|bastards?|scum|coming|here|always|doing|what you get|surprise|off|them|everywhere)",
            r"(?:go|send (?:them|em|him|her|you|the lot|all)|get|ship (?:them|em)|fuck off|sod off|piss off|deport (?:them|em|the lot|him|her)|kick (?:them|em)) (?:\w+ )?(?:all )?(?:back|home|out)(?: (?:to )?(?:where|your own country|their own country|to (?:africa|pakistan|india|poland|romania|corvia|your country|their country|where)|home|of (?:our|this|the) (?:country|town|area)))",
            r"(?:not|arent|isnt|never be|aint) (?:one of us|really british|proper british|from (?:round )?here|proper english|real english|white)(?: .{0,40})?(?:out|home|back|country|belong|welcome|type|lot)",
            r"(?:white (?:power|genocide|pride)|heil hitler|sieg heil|14 88|1488|great replacement|remigration|hitler (?:was right|had the right idea)|enoch was right|gas chambers?|kkk|race traitors?|jews will not)",
            r"(?:this is (?:what|why)|thanks to|thats|what) (?:you get|happens|we get|multicultural\w*|diversity|open borders|mass immigration|letting)<6w>(?:them|let|in|immigra\w*|muslims?|foreign\w*|border\w*|culture|multicultural\w*|import\w*|people like|those people|that lot|enriched|enrichment)",
            r"(?:those people|that lot|their kind|that sort|your sort|your kind|their sort|that type|you people|them lot|people like (?:them|that|you)) (?:\w+ )?<5w>(?:out|home|back|animals|scum|vermin|country|dirty|savages|want|breed|steal|here|smell|stink|come|always|belong|culture|deserve|same|cant|dont|never)",
        ),
        unless=(_COUNTER,),
        quoted=False,
    ),
    Rule(
        "hate.slur",
        Category.HATE_CRIME,
        2,
        "A slur against a protected group",
        words=(_SLURS,),
        anywhere_unless=(
            r"(?:called me|calling me|shouted|shouting|spelling|meaning of|the word)",
            r"(?:dyke road|black(?:ened)? coon|maine coon|coon cat|fire retardants?|retardants?|van dyke|offas dyke|chinks? in (?:the|your|his|her) armou?r|spurs|tottenham)",
        ),
    ),
    Rule(
        "hate.acts",
        Category.HATE_CRIME,
        2,
        "A hostile act or words against a person for who they are",
        words=(
            r"(?:pulled|grabbed|ripped|tugged|tore|yanked|snatched|knocked) (?:\w+ )?(?:my|her|his|mums|my mums|my wifes|off|at) (?:\w+ )?(?:scarf|hijab|headscarf|turban|veil|niqab|kippah|skullcap|wig|wheelchair|stick|crutches|cane|hearing aid)",
            r"(?:called|calling|calls|shouted|shouting) (?:\w+ )?(?:me|her|him|us|my \w+) (?:\w+ )?(?:a |an )?(?:\w+ )?(?:cripple|benefit scrounger|scrounger|drain on|terrorist|freak|it|he she|dirty|queer|dyke|lezza|bender|gay\w*|monkey|animal|foreigner|vermin)",
            r"(?:cripple|useless cripple|scrounger|drain on (?:the|this|our))",
            r"(?:be |get |getting |being |go )?(?:sent|send|send em|send them|shipped) back(?: .{0,30})?",
            r"(?:leave|get out|go|move|out) or (?:burn|die|else|well|get|be)",
            r"(?:eggs?|spit|spat|paint|milk|bottles?|urine|dog (?:mess|poo)|bacon) (?:\w+ )?(?:\w+ )?(?:all over|thrown at|on|at|through) <4w>(?:him|her|me|us|door|letterbox|car|wife|mum|kids|shop|window)",
            r"(?:followed|chased|surrounded|cornered|blocked) (?:him|her|me|us|my \w+|them) <9w>(?:chant\w*|shouting|calling|names|saying|slurs?|go home|country|laughing|filming|bags)",
            r"(?:note|letter|leaflet|message|sign|graffiti|sticker) (?:\w+ )?(?:through|on|under|pushed|left|posted|sprayed) <9w>(?:saying|said|leave|burn|go home|get out|not welcome|scum|die|out|next)",
            r"(?:nobody|no one|none of (?:them|us|the kids)) (?:\w+ )?(?:feels?|is) safe(?: .{0,40})?",
            r"(?:there are|theres|we have|weve got|with) (?:\w+ )?(?:little ones|children|kids|families|babies|guests) (?:in there|inside|in here|living there|of them children)",
            r"(?:you people|your lot|their lot|foreign\w*|that lot) (?:\w+ )?<4w>(?:breed|vermin|back|bags|boat|boats|swim|drown|out)",
        ),
        unless=(
            r"(?:emojilaugh|lol|lmao|years ago)",
            r"(?:sent|send) (?:it|the (?:form|email|parcel|photo|footage|refund|ticket)|him|her|me) back",
        ),
    ),
)
