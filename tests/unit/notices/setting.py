"""What the tests of notices begin with: a country whose fields say where people are reached, and words for what they are told."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.db import connections, transaction

from amparo.kernel import clock
from amparo.notices import actions
from amparo.notices.config import NoticesConfig, Use
from amparo.notices.types import Channel, Kind
from amparo.profiles.languages import speak_also
from amparo.registry.actions import install_dictionary
from amparo.registry.dictionary import Field, FieldClass, Type
from amparo.trust.types import system
from tests.lib import country

BY = system("test")
BETTER = (Kind.DECISION_GRANTED, Kind.DECISION_RAISED)
WORKER = system("notices")
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
CONFIG = NoticesConfig(
    kinds=tuple(each for each in Kind if each not in BETTER),
    contact={
        Use.PHONE: ("household", "phone"),
        Use.EMAIL: ("household", "email"),
        Use.ADDRESS: ("household", "address"),
        Use.CHANNEL: ("person", "told_by"),
        Use.LANGUAGE: ("household", "spoken"),
    },
    spoken={"arabic": "ar"},
    languages=("en", "ar"),
)
_TOLD = {"field_class": FieldClass.CONTACT, **country.USED}
FIELDS = tuple(
    Field(name, grain, Type.TEXT, **_TOLD)
    for grain, name in (
        *(("household", each) for each in ("phone", "email", "address", "spoken")),
        ("person", "told_by"),
    )
)
WORDS = {
    "text": "News. Ask at your office. Reference {reference}.",
    "subject": "News",
    "email": "News. Ask at your office. Reference {reference}.",
    "title": "A decision",
    "letter": "About {programme}, on {day}.\nAsk at your office: {reference}.",
}
# Good news names no programme by itself, not in a letter either.
OF_BETTER = {
    "letter": "News of {day}.\nAsk at your office: {reference}.",
    **{f"asked-{part}": f"{{programme}}: {part}, {{reference}}" for part in ("text", "email", "letter")},
}
# Of a case nothing of a programme is known.
OF_CASES = {"letter": "Your message {code}.\nAsk at your office: {reference}."}


def prepare(folder: Path, config: NoticesConfig = CONFIG, **words: str) -> None:
    """Install fields and what is told, and speak these words; `words`: other ones, by part."""
    install_dictionary(
        replace(country.DICTIONARY, version="notices", fields=(*country.DICTIONARY.fields, *FIELDS), _by_key={}), by=BY
    )
    actions.install_notices(config, by=BY)
    say(folder, **words)


def say(folder: Path, **words: str) -> None:
    """Write a country's catalogues and speak them."""
    for language in ("en", "ar"):
        rows = [("", f'"Content-Type: text/plain; charset=UTF-8\\nLanguage: {language}\\n"')]
        rows += [("programme-poor_home", '"Help for homes"')]
        for kind in Kind:
            own = OF_BETTER if kind in BETTER else OF_CASES if "case" in kind else {}
            told = {**WORDS, **own, **words}
            rows += [(f"notice-{kind}-{part}", _quoted(f"{text} ({language})")) for part, text in told.items()]
        text = "\n".join(f'msgid "{id}"\nmsgstr {said}\n' for id, said in rows)
        (folder / f"{language}.po").write_text(text)
    speak_also(folder)
    from amparo.profiles import languages

    languages.words.cache_clear()


def _quoted(text: str) -> str:
    return '"' + text.replace("\n", "\\n") + '"'


@contextmanager
def spoken(folder: Path):
    """Let a country's words go with the test."""
    from amparo.profiles import languages

    try:
        yield folder
    finally:
        languages._country_folders[:] = [each for each in languages._country_folders if each != folder]
        languages.words.cache_clear()


def home(area: str = "n1", *, told_by: str | None = "sms", name: str = "Yara", **values: str) -> UUID:
    """Register a household of one who is reached by text, unless other values are given."""
    reached = {"phone": "+999 1234 5678", "address": "Mill lane 4\nNorthwell"} | values
    member = {"given_name": name, "is_head": True, "birth_date": date(1986, 1, 1)}
    member |= {"told_by": told_by} if told_by else {}
    return country.household(area, member, **{key: value for key, value in reached.items() if value})


def who_lives_in(household: UUID) -> UUID:
    return rows("SELECT person_id FROM registry_membership WHERE household_id = %s", household)[0][0]


# Something happened, to whoever lives in a household: the statement is of the kind that packages above write.
HAPPENED = """SELECT %(about)s::uuid AS about, NULL::uuid AS person, h.id AS household, h.area_number,
    'poor_home' AS programme, date '2026-12-01' AS day, '' AS code FROM registry_household h WHERE h.id = ANY (%(homes)s)"""


def told(*homes: UUID, kind: Kind = Kind.DECISION_PROPOSED, about: UUID | None = None) -> int:
    """Write for some homes that they are to be told of something; of each what is its own."""
    with transaction.atomic(using="bulk"):
        return sum(
            actions.tell(kind, HAPPENED, {"about": about or uuid4(), "homes": [each]}, by=BY, using="bulk")
            for each in homes
        )


def sent(after: timedelta = timedelta()) -> dict[str, int]:
    """Send what is due so long after noon."""
    with clock.fixed(clock.now() + after):
        return dict(actions.send(by=WORKER))


def states() -> list[tuple]:
    return rows("SELECT state, channel, reason, attempts FROM notices_sending ORDER BY id")


def attempts() -> list[tuple]:
    return rows("SELECT channel, reason, code, ended_at IS NOT NULL FROM notices_attempt ORDER BY id")


def rows(statement: str, *values: object) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


UNASKED = Channel.LETTER
