"""Advertising, scams and people who pretend to be the force."""

from moderation.categories import Category
from moderation.triage.rule import Rule

RULES = (
    Rule(
        "spam.scam",
        Category.SCAM_IMPERSONATION,
        4,
        "A scam, or somebody who pretends to be the police or a charity",
        words=(
            r"(?:fake|impersonat\w+|pretending to be|claiming to be|posing as|someone (?:calling|ringing) (?:saying|claiming|from)) (?:\w+ )?<4w>(?:police|officer|officers|account|page|profile|bank|hmrc|amazon|charity|council|royal mail|fraud|family)",
            r"(?:scam|scams|scammer|scammers|scammed|phishing|fraudsters?|con man|conmen|romance fraud|courier fraud|rogue traders?|cold callers?|fake (?:text|email|website|page|account|fundraiser|gofundme|tickets))",
            r"(?:donate|donations?|gofundme|just ?giving|fundraiser|fundraising|paypal|bank transfer|crowd ?fund\w*|cash ?app)<9w>(?:weblink|family|victim|link|bio|here|dm|send|help|search|reward)",
            r"(?:recover|recovered|recovery|get back|retrieve|got back|hack|hacked|unlock|track|spy) <6w>(?:funds?|money|account|crypto|bitcoin|wallet|investment|lost|phone|whatsapp|spouse|partner)<9w>(?:contact|dm|whatsapp|telegram|expert|hacker|agent|weblink|inbox|handle\w*|thanks to|help of|him on|her on|guaranteed)",
            r"(?:official|verified|police) (?:\w+ )?(?:reward|refund|compensation|fine|grant|relief|support (?:fund|team)|page)<9w>(?:claim|weblink|pay|click|send|dm|inbox|details|verify|link)",
            r"(?:claim|verify|confirm|update|pay) (?:your|ur|my) (?:\w+ )?(?:compensation|refund|account|prize|reward|fine|details|identity|penalty)(?: .{0,40})?",
        ),
    ),
    Rule(
        "spam.advert",
        Category.SPAM,
        5,
        "Advertising or spam",
        words=(
            r"(?:make|earn|earning|earned|made|making|get|win) (?:\w+ )?(?:up to )?(?:£|\$)? ?\d[\d k]*<4w>(?:day|week|month|hour|home|online|daily|weekly|crypto|trading|bitcoin|invest\w*|passive)",
            r"(?:crypto|bitcoin|forex|trading (?:signals?|platform)|investment (?:opportunity|platform|manager)|passive income|work from home|side hustle|onlyfans|only fans|casino|free spins|betting tips|viagra|weight loss|keto|slimming|giveaway|free iphone|loans?|bad credit|followers|promo code|discount code|use code|limited offer|\d+ ?% off|half price|best (?:deals|prices)|cheap (?:tickets|viagra|meds)|adult (?:content|fun)|hot (?:girls|singles)|sugar (?:daddy|mummy)|spell caster|love spell|tarot|psychic)<6w>",
            r"(?:check out|visit|follow|subscribe|click|tap|see|link in|dm me|dm for|inbox me|whatsapp me|message me|join|order|buy|shop|book|call) (?:\w+ )?(?:my|our|the|this|for|link|bio|now|today)? ?(?:\w+ )?<2w>(?:page|channel|profile|website|bio|link|weblink|shop|store|quote|details|prices|services|business|menu|now on|more info|promo|onlyfans|telegram|group|instagram|tiktok|podcast|etsy)",
            r"(?:weblink .{0,60}){3,}",
            r"(?:lovely|great|best) (?:burgers|kebabs|pizza|nails|lashes|cleaning|windows|carpets?|gutters|tyres|mot|driveways?|plumb\w*|roof\w*|locksmith)<6w>(?:call|dm|book|order|prices|offer|free|quote|weblink|from £|local)",
            r"(?:for sale|selling|going cheap|available now|orders? (?:now )?(?:open|taken)|taking (?:orders|bookings)|free (?:quotes?|delivery|estimates?)|now (?:open|hiring|booking)|open for business)<6w>(?:dm|call|message|inbox|weblink|£|collection|local|offers|book|\d+)",
        ),
    ),
)
