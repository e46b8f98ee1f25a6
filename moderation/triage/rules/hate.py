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
_ANYBODY = (
    r"(?:muslims?|moslems?|islam|islamists|jews?|zionists?|blacks?|black (?:people|men|women|folks?|guys|lads|kids)|africans?|nigerians?|somalis?|eritreans?|asians?|pakistanis?|indians?|bangladeshis?|arabs?|iraqis?|iranians?|afghans?|syrians?|turks?|kurds?|palestinians?|israelis?|"
    r"immigrants?|migrants?|illegals?|refugees?|asylum seekers?|foreigners?|gypsies|gypsy|travellers?|roma|poles|polish people|romanians?|bulgarians?|albanians?|lithuanians?|russians?|ukrainians?|eastern europeans?|mexicans?|latinos?|hispanics?|chinese(?: people)?|chinamen|koreans?|japanese|"
    r"hindus?|sikhs?|catholics?|protestants?|christians?|irish|scots|welsh|white people|whites|gays?|gay (?:people|men|guys)|lesbians?|bisexuals?|homosexuals?|homosexuality|homos|queers?|trans (?:people|women|men|kids)|transgenders?|transsexuals?|drag queens|women|females|feminists?|girls|"
    r"disabled(?: people)?|cripples?|autistics?|autistic (?:people|kids)|the mentally ill|mentally ill people|deaf people|blind people|corvans?|corvians?)"
)
_BASE = (
    r"(?:vermin|scum|rats?|animals?|savages?|parasites?|cockroach\w*|filth|filthy|dirty|subhuman\w*|not human|less than human|disease[sd]?|plague|cancer|infest\w*|invaders?|barbarians?|monkeys?|apes?|leeches|pigs|dogs|snakes|inbreds?|rapists?|terrorists?|paedos?|pedos?|p[ae]*dophiles?|predators?|groomers?|perverts?|freaks?|degenerates?|abominations?|"
    r"thieves|born thieves|thieving|criminals|crooks|scammers|drug dealers|murderers|inferior|worthless|useless|disgusting|repulsive|revolting|evil|trash|garbage|rubbish|sick in the head|mentally ill|mental|naturally violent|violent by nature|lazy|stupid|thick|dumb|backward|primitive|uncivili[sz]ed|ugly|retarded|retards|whores|sluts|bitches|cunts|a drain|a burden on|a waste of|a threat to|a stain|a curse|death cult|an? evil religion|the devil|"
    r"only good for|nothing but|taking over|taking our|stealing our|ruining|destroying|replacing us|after our (?:girls|kids|women)|out to get)"
)
_SLURS = (
    r"paki|pakis|nigger|niggers|nigga|wogs?|coons?|chinks?|gooks?|kikes?|yids?|pikeys?|pikies|gyppos?|sand ?niggers?|towel ?heads?|rag ?heads?|"
    r"muzzies|muzz?rats?|faggots?|poofs?|poofters?|dykes?|trannies|tranny|spastics?|spaz\w*|retards?|retarded|mongs?|mongol|golliwogs?|darkies|darky|half ?caste|camel jockeys?|goat ?(?:shaggers?|fuckers?|humpers?)|batty ?(?:boy|man)|"
    r"niggaz?|nignogs?|jigaboos?|porch monkeys?|jungle bunn(?:y|ies)|spear ?chuckers?|sambos?|kaffirs?|kaffers?|wetbacks?|beaners?|spics?|shit ?skins?|mud ?sli?mes?|mudslimes?|rapefugees?|rapeugees?|hook ?nosed?|slant(?:y)? ?eye[sd]?|slitty ?eyed?|bat eaters?|curry ?(?:munchers?|hole)|paddies|taigs?|sodomites?|fudge ?packers?|carpet ?munchers?|bum ?(?:boys?|chums?)|shemales?|troons?|libtards?|mong(?:o|oloid)s?|window lickers?|feminazis?|(?:these|those|bloody|fucking|useless) cripples"
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
            r"(?:swastikas?|nazi (?:signs?|symbols?)|noose|bananas?|pigs? head|bacon|racist (?:note|letter|sticker))<6w>(?:door|wall|walls|gate|letterbox|doorstep|window|synagogue|mosque|temple|gurdwara|church|school|house|shop|car|card|fence|garden|underpass)",
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
        "hate.called_base",
        Category.HATE_CRIME,
        2,
        "Says of a whole group that it is base, dangerous or worthless",
        words=(
            rf"{_ANYBODY} (?:\w+ )?(?:are|is|r|were|arent|isnt|being|have always been|will always be|by nature|those|these|you) (?:\w+ )?<4w>{_BASE}",
            rf"(?:these|those|all|every|bloody|fucking|most|typical|stinking|thieving|lazy|evil|disgusting|stupid|vile|dirty|filthy|savage|illegal|so called) (?:\w+ )?{_ANYBODY} (?:\w+ )?<4w>(?:{_BASE}|should|need|must|cant|dont|never|always|out|go|want|come|coming|belong|hate|breed\w*|steal\w*|rape\w*|kill\w*)",
            rf"(?:hate|hates|despise|detest|loathe|cant stand|never trust|dont trust|wouldnt (?:hire|trust|let|sit|live)|fuck|screw|death to|down with|no more|get rid of|say no to|ban all|ban every|ban the|kill all|kill the|gas the|burn the|deport all|deport every|clear out|throw out|kick out|keep out) (?:\w+ )?<2w>{_ANYBODY}",
            rf"{_ANYBODY} (?:\w+ )?(?:should|must|need to|needs to|deserve|deserves?|ought to|have to|want) (?:\w+ )?<3w>(?:be (?:banned|locked|kept|put|shot|killed|hanged|deported|sterili[sz]ed|gassed|beaten|spat|drowned|wiped|exterminated|sent|removed|jailed|castrated|stoned|raped|ashamed of existing)|die|leave|go home|go back|get out|burn|hang|drown|suffer|aids|know their place|stay in the kitchen|obey|stop breeding|shut up)",
            rf"(?:sick of|tired of|fed up (?:of|with)|had enough of|makes? me sick|make me want to throw up|disgusted by|ashamed of) (?:\w+ )?<3w>{_ANYBODY}",
            r"(?:this|that|its|their|they have|they are|they|its in) (?:\w+ )?<2w>(?:in their (?:blood|genes|nature|dna|culture)|what they do|how they are|their religion teaches|sharia|breeding|go back to (?:the )?(?:jungle|desert|africa|asia)|back to the (?:jungle|desert))",
            r"(?:sink|shoot|burn|torpedo|bomb|stop|drown|turn back) (?:\w+ )?(?:the |every |all |those |these )?(?:boats?|dinghies|dinghy)(?: .{0,40})?",
            r"(?:fighting age (?:men|males)|let them drown|let the sharks|whites only|white (?:race|pride|power|europe)|keep (?:britain|england|america|europe|it) white|race (?:war|mixing|traitor)|religion of (?:peace my arse|rape|hate)|hitler (?:should|was|had|did nothing)|finish what (?:he|hitler) started|should be put down|that thing is not|man in a (?:wig|dress)|men in (?:wigs|dresses)|drowned at birth|mental illness not|wearing a bedsheet|letterboxes|ninja outfit)(?: .{0,40})?",
        ),
        unless=(
            _COUNTER,
            r"(?:why do (?:people|you|they|so many)|people who|anyone who|those who|if you|how can (?:you|anyone)|dont|never|nobody should|no one should|wrong to|stop (?:saying|calling)|saying|calling|called|says|said that|whoever says|not every|isnt true|arent all|lovely|amazing|proud|welcome|friends?|brilliant|wonderful|kind|respect\w*|help(?:ed|ing)?|deserve (?:to feel|better|respect|to be (?:safe|heard))|safe(?:ty)?|equal\w*|charity|museum|history|festival|football|rugby|cricket)",
            r"(?:missing|dressing|changing|school|little|young|two|three|four|my|our) girls",
        ),
        quoted=False,
    ),
    Rule(
        "hate.slur",
        Category.HATE_CRIME,
        2,
        "A slur against a protected group",
        words=(_SLURS,),
        anywhere_unless=(
            r"(?:called me|calling me|shouted|shouting|spelling|meaning of|the word|paddies? fields?|rice paddies|fags? (?:break|packet|end|out the)|a few fags|pack of fags|twenty fags|gimp mask)",
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
