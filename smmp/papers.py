"""Papers made from the live schedule and configuration: what the law asks a controller to write down about its processing.

Each is a draft: it states what this installation does today, and says in square brackets what only the force can add.
Sources: DPA 2018 s.42 and Sch. 8 (appropriate policy document), s.61 (records of processing), s.64 (assessment);
UK GDPR art. 13, 14, 30, 35.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings

from accounts.models import OfficialAccount
from audit.models import Entry
from audit.seal import sinks
from core import clock
from core.paper import Paper
from retention import registry
from retention.models import Hold, ScheduleRow
from retention.models.schedule import Regime
from staff.models import StaffMember

ADD = "[the force adds: {what}]"
Row = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A heading with paragraphs, or with a table."""

    heading: str
    says: tuple[str, ...] = ()
    columns: Row = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Draft:
    """One paper as it stands now."""

    slug: str
    title: str
    source: str
    parts: tuple[Part, ...]

    def markdown(self) -> str:
        """The paper as Markdown."""
        lines = [f"# {self.title}", "", f"{settings.FORCE_NAME}. {self.stamp}", "", f"Source: {self.source}."]
        for part in self.parts:
            lines += ["", f"## {part.heading}"]
            for text in part.says:
                lines += ["", text]
            if part.rows:
                lines += ["", _line(part.columns), _line(["---"] * len(part.columns))]
                lines += [_line(row) for row in part.rows]
        return "\n".join(lines) + "\n"

    def pdf(self) -> bytes:
        """The paper as PDF."""
        paper = Paper(self.title, head=f"{settings.FORCE_NAME}: {self.title}", at=clock.now())
        paper.text_block(f"{self.stamp} Source: {self.source}.")
        for part in self.parts:
            paper.heading(part.heading)
            for text in part.says:
                paper.text_block(text)
            for row in part.rows:
                rest = [
                    f"{name}: {value}" for name, value in zip(part.columns[1:], row[1:], strict=True) if value
                ]
                paper.facts([(row[0], "\n".join(rest) or "-")])
        return paper.whole()

    @property
    def stamp(self) -> str:
        """Of when it is."""
        return f"Draft made from the live schedule and configuration on {clock.today():%-d %B %Y}."


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _rows() -> list[ScheduleRow]:
    return list(ScheduleRow.objects.order_by("title"))


def _period(row: ScheduleRow) -> str:
    return f"{row.period} from: {row.trigger}; then {row.get_outcome_display().lower()}"


def _unconfirmed() -> str:
    number = ScheduleRow.objects.filter(confirmed_at=None).count()
    return (
        f"{number} of {ScheduleRow.objects.count()} periods are starting values that the force has not confirmed yet."
        if number
        else "The force has confirmed every period."
    )


def _platforms() -> str:
    found = OfficialAccount.objects.filter(exercise=False).values_list("platform", flat=True).distinct()
    return ", ".join(sorted(set(found))) or "none connected yet"


def _contacts() -> Part:
    return Part(
        "Who answers for it",
        (
            f"Controller: the chief officer of {settings.FORCE_NAME}.",
            f"Contact: {settings.PUBLIC_CONTACT or ADD.format(what='an address (SMMP_PUBLIC_CONTACT)')}.",
            f"Data protection officer: {ADD.format(what='name and address')}.",
        ),
    )


def _security() -> tuple[Row, ...]:
    """What protects it today: each as a question of the kind that is asked, and the answer of this configuration."""
    places = [place.name for place in sinks.configured()]
    backup = Entry.objects.filter(event="backup.made").order_by("-at").values_list("at", "details").first()
    streams = [
        name for name, on in (("syslog over TLS", settings.SIEM_SYSLOG), ("HTTPS", settings.SIEM_HTTPS)) if on
    ]
    return (
        (
            "Who may sign in",
            f"{StaffMember.objects.filter(active=True, kind='person').count()} members of staff, by name",
        ),
        (
            "Single sign-on",
            f"{settings.OIDC_NAME} (OpenID Connect)"
            if settings.OIDC_ISSUER
            else "off: passwords of 12 characters or more, hashed with Argon2",
        ),
        ("Second factor", "everybody, at each sign-in"),
        ("Passkey for administrators", "required" if settings.PASSKEY_FOR_ADMINISTRATORS else "not required"),
        (
            "Sessions",
            "end after "
            f"{settings.SESSION_COOKIE_AGE // 3600} hours at most; idle ones lock or end sooner; a leaver is out at once",
        ),
        ("Devices", "told apart by client certificate" if settings.DEVICE_CLASSES else "not told apart"),
        (
            "Networks of the force",
            f"{len(settings.FORCE_NETWORKS)} named" if settings.FORCE_NETWORKS else "none named",
        ),
        (
            "Least privilege",
            "grants by role, official account and time; the application cannot change history or delete records",
        ),
        (
            "Encryption in transit",
            "TLS at the proxy, HSTS" if settings.SESSION_COOKIE_SECURE else "demonstration: none",
        ),
        (
            "Encryption at rest",
            "tokens of platforms and files of the public under a key of their own each, wrapped by "
            f"{len(settings.CREDENTIAL_KEYS)} key(s) of the installation; the database by its disk",
        ),
        ("Audit trail", "every reading and change, sealed each second, closed to change"),
        (
            "Copies of the seal outside",
            ", ".join(places) if places else "none: set two (docs/operations.md)",
        ),
        ("Security monitoring", ", ".join(streams) or "not connected"),
        (
            "Backups",
            f"last made {clock.in_london(backup[0]):%-d %B %Y %H:%M}, {backup[1]['keep']} kept; a restore disposes again of what went"
            if backup
            else "none made yet (manage.py backup)",
        ),
        ("Weaknesses are reported to", settings.SECURITY_CONTACT or "nobody named (SMMP_SECURITY_CONTACT)"),
        (
            "Software",
            "hash-locked dependencies; decisions, checks and ASVS 5.0 findings stand beside the source",
        ),
    )


def records_of_processing() -> Draft:
    """What a controller keeps under DPA 2018 s.61 and UK GDPR article 30."""
    rows = _rows()
    return Draft(
        "records-of-processing",
        "Records of processing",
        "DPA 2018 s.61, UK GDPR art. 30",
        (
            _contacts(),
            Part(
                "Purposes",
                (
                    "To publish on official accounts, to read and answer what the public writes there, to recognise calls "
                    "for service, crime, danger and intelligence in it, and to keep evidence of what was done.",
                ),
            ),
            Part(
                "Whose data, and which",
                (
                    "Members of the public who write to or about the official accounts: handle, name, words, pictures, "
                    "times, and what was decided. People named in these. Staff: name, address, rank, what they did.",
                    "Where it matters people are told apart as suspected, convicted, victims, witnesses or others (s.38).",
                ),
            ),
            Part(
                "Recipients",
                (
                    f"Platforms on which the force speaks: {_platforms()}.",
                    "Control room, crime records, intelligence, professional standards, by recorded referral or transfer.",
                    f"Suppliers: {ADD.format(what='host, mail and text services')}.",
                ),
            ),
            Part(
                "Other countries",
                (
                    "Platforms keep their own copies under their own rules, some outside the United Kingdom. "
                    + ADD.format(what="the basis of transfers of suppliers"),
                ),
            ),
            Part(
                "Profiling and decisions by software",
                ("Software sorts and suggests. Nothing is closed, hidden or downgraded by software alone.",),
            ),
            Part(
                "Time limits for erasure, and legal basis",
                (_unconfirmed(),),
                ("Class", "Kept", "Regime", "Legal basis", "How it goes"),
                tuple(
                    (
                        row.title,
                        _period(row),
                        row.get_regime_display(),
                        row.legal_basis or ADD.format(what="the basis"),
                        registry.known().classes[row.slug].goes
                        if row.slug in registry.known().classes
                        else "",
                    )
                    for row in rows
                    if row.regime != Regime.NONE
                ),
            ),
            Part("Security measures", (), ("Measure", "Today"), _security()),
        ),
    )


def privacy_data() -> Draft:
    """The table of a privacy notice: what, why, on which basis, for how long."""
    return Draft(
        "privacy-notice-data",
        "Data table of the privacy notice",
        "UK GDPR art. 13 and 14, DPA 2018 s.44",
        (
            Part(
                "What we keep, and for how long",
                (),
                ("What", "Law", "Basis", "How long"),
                tuple(
                    (row.title, row.get_regime_display(), row.legal_basis or "a public task", _period(row))
                    for row in _rows()
                    if row.regime != Regime.NONE
                ),
            ),
        ),
    )


def assessment() -> Draft:
    """A draft of the data protection impact assessment."""
    holds = Hold.objects.filter(lifted_at=None).count()
    return Draft(
        "dpia",
        "Data protection impact assessment (draft)",
        "DPA 2018 s.64, UK GDPR art. 35",
        (
            _contacts(),
            Part(
                "What is done",
                (
                    f"The force’s official accounts are run from one place (platforms: {_platforms()}). What the public writes is taken in, read "
                    "first by software that sorts and then by people who decide.",
                ),
            ),
            Part(
                "Why it is necessary and proportionate",
                (
                    "Calls for help come this way whether they are looked for or not. Nothing is collected but what is "
                    "written to the force, to its posts or by name; one person cannot be followed (look-ups are counted).",
                    ADD.format(what="what was considered instead, and who was consulted"),
                ),
            ),
            Part(
                "Risks, and what is done about each",
                (),
                ("Risk", "What is done"),
                (
                    (
                        "Kept for longer than needed",
                        f"A schedule in versions, two people for each change, disposal by itself. {_unconfirmed()}",
                    ),
                    (
                        "Gone although it is wanted",
                        f"Holds stop any deletion in the database itself; {holds} in force today.",
                    ),
                    (
                        "Back again after it was disposed of",
                        "A restored backup disposes of it again before anybody can sign in; a platform cannot bring it in.",
                    ),
                    (
                        "Read without need",
                        "Grants by role, account and time; each reading stands in the sealed trail; alerts.",
                    ),
                    (
                        "Software decides wrongly about a person",
                        "It suggests alone; a person decides, and says why.",
                    ),
                    (
                        "Something goes out in the force’s name that nobody approved",
                        "Approval of the exact content, lockdown, two-person release.",
                    ),
                    ("Loss of a credential", "Sealed tokens, second factors, revocation at once."),
                    (
                        "Special categories of data",
                        "Treated as in the appropriate policy document; nobody is sorted by them.",
                    ),
                ),
            ),
            Part("Security", (), ("Measure", "Today"), _security()),
            Part(
                "What remains",
                (ADD.format(what="the risk that remains, the advice of the officer, and who accepts it"),),
            ),
        ),
    )


def policy_document() -> Draft:
    """A draft of the appropriate policy document for sensitive processing."""
    rows = [row for row in _rows() if row.regime in {Regime.LAW_ENFORCEMENT, Regime.BOTH}]
    return Draft(
        "policy-document",
        "Appropriate policy document (draft)",
        "DPA 2018 s.42 and Schedule 8; Schedule 1 Part 4",
        (
            _contacts(),
            Part(
                "Which sensitive processing",
                (
                    "What people write may tell of race, belief, health or sex life, of themselves or others. It is processed "
                    "where it is strictly necessary for a law enforcement purpose (s.35(5)), under Schedule 8 paragraph 1 "
                    "(statutory purposes), 3 (vital interests) or 4 (safeguarding).",
                    ADD.format(what="other conditions relied on"),
                ),
            ),
            Part(
                "The six principles",
                (),
                ("Principle", "How it is kept"),
                (
                    (
                        "Lawful and fair (s.35)",
                        "Only what is written to the force; a public record says how comments are sorted.",
                    ),
                    (
                        "Specified purposes (s.36)",
                        "Each class has its regime and basis; use for another purpose is asked and logged.",
                    ),
                    (
                        "Adequate, not excessive (s.37)",
                        "No commenters are followed; look-ups are counted against a limit.",
                    ),
                    (
                        "Accurate (s.38)",
                        "Revisions as the author made them; facts apart from assessments; recipients told of corrections.",
                    ),
                    (
                        "Not kept too long (s.39)",
                        f"The schedule below; reviews with the national criteria. {_unconfirmed()}",
                    ),
                    ("Secure (s.40)", "See the measures below."),
                ),
            ),
            Part(
                "Retention and erasure",
                (),
                ("Class", "Kept", "MoPI group"),
                tuple((row.title, _period(row), str(row.mopi_group or "")) for row in rows),
            ),
            Part("Measures", (), ("Measure", "Today"), _security()),
            Part(
                "Review", (f"This document is looked at again on {ADD.format(what='a day, within a year')}.",)
            ),
        ),
    )


def questionnaire() -> Draft:
    """Answers that a security questionnaire asks of the installation as it stands."""
    return Draft(
        "security-answers",
        "Answers for a security questionnaire",
        "OWASP ASVS 5.0, NCSC cloud security principles, Cyber Essentials",
        (
            Part("Questions and answers", (), ("Question", "Answer today"), _security()),
            Part(
                "Where data is",
                (
                    "Database, files, keys and trail on the force’s own machines or its host: "
                    + ADD.format(what="host and country"),
                    f"Disposed of by schedule: {sum(row.slug in registry.disposable() for row in _rows())} classes; the others go as "
                    "the records of processing say.",
                ),
            ),
            Part(
                "When something goes wrong",
                (
                    "Alerts reach information security; a lockdown stops everything that goes out; breaches are reported within "
                    "72 hours (s.67).",
                    ADD.format(what="names and numbers of who is called"),
                ),
            ),
        ),
    )


PAPERS: dict[str, Callable[[], Draft]] = {
    "records-of-processing": records_of_processing,
    "privacy-notice-data": privacy_data,
    "dpia": assessment,
    "policy-document": policy_document,
    "security-answers": questionnaire,
}
"""By the slug in their address, in the order of the page."""
