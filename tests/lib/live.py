"""Institutions that tell by themselves what happened: a civil registry by webhook and by DCI, a school board that is asked.

They know the people of two homes by their national numbers, and sign as they must unless a test has them do otherwise.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connections
from joserfc.jwk import OKPKey

from amparo.dci.codes import Action, Status
from amparo.dci.envelope import Header, answer
from amparo.dci.signing import Profile, sign
from amparo.kernel import clock
from amparo.programmes.actions import determine_household
from amparo.registry.actions import install_dictionary, install_sources
from amparo.registry.dictionary import Field, Type, Vocabulary
from amparo.registry.types import SourceConfig
from amparo.sources.actions import install_connections
from amparo.sources.types import (
    Attribute,
    Caching,
    ConnectionConfig,
    Happening,
    Road,
    UpdateConfig,
    UpdateKind,
)
from amparo.trust.actions.agreeing import install_organisations
from amparo.trust.context import acting
from amparo.trust.covering import Direction, FieldTerm
from amparo.trust.types import OrganisationConfig, Permission, system
from tests.lib import agreeing, country, kin
from tests.unit.programmes.country import POOR_HOME, installed
from tests.unit.sources import setting

BY = system("test")
SOURCES = [*setting.SOURCES, SourceConfig("civil", "authority", 0), SourceConfig("registry", "authority", 0)]
MARITAL = ("single", "married", "divorced", "widowed")
FIELDS = (
    Field("died_on", "person", Type.DATE, precedence=("civil", "registry"), **country.USED),
    Field(
        "marital", "person", Type.CODE, vocabulary="marital", precedence=("civil", "registry", "census"), **country.USED
    ),
    Field("works", "person", Type.BOOLEAN, precedence=("civil", "registry", "census"), **country.USED),
    Field("attends", "person", Type.BOOLEAN, precedence=("school", "census"), **country.USED),
)
WORDS = replace(
    setting.WORDS,
    version="live",
    vocabularies=(*setting.WORDS.vocabularies, Vocabulary("marital", MARITAL)),
    fields=(*setting.WORDS.fields, *FIELDS),
    sources=tuple(each.code for each in SOURCES),
    _by_key={},
)
TOLD = ("died_on", "marital", "works")


def key() -> OKPKey:
    made = OKPKey.generate_key("Ed25519")
    return OKPKey.import_key(made.as_dict(private=True) | {"kid": made.thumbprint()})


KEY = key()
US, THEM = "ministry", "civil.example"


def public(of: OKPKey = KEY) -> dict[str, Any]:
    return of.as_dict(private=False) | {"kid": of.kid}


def attribute(name: str, at: str, **more: Any) -> Attribute:
    return Attribute(name, at, Caching.OBSERVATION, days=1, **more)


def kinds(before: str, between: str) -> tuple[UpdateKind, ...]:
    """Return what the civil registry tells. `before`, `between`: how its places are written."""
    place = lambda name: before + name.replace("/", between)  # noqa: E731
    return (
        UpdateKind("Death", Happening.DEATH, (attribute("died_on", place("died")),)),
        UpdateKind(
            "Marriage",
            Happening.MARRIAGE,
            (attribute("marital", place("status"), codes=dict(zip("SMDW", MARITAL, strict=True))),),
        ),
        UpdateKind("Work", Happening.EMPLOYMENT, (attribute("works", place("works")),)),
        UpdateKind("Move", Happening.ADDRESS),
    )


POINTERS = {"id": "/id", "at": "/at", "kind": "/kind", "number": "/person/number"}
WEBHOOK = UpdateConfig(Road.WEBHOOK, kinds("/person/", "/"), {**POINTERS, "list": "/events", "keys": [public()]})
NOTIFY = UpdateConfig(Road.NOTIFY, kinds("", "."), {})


def civil(**changes: Any) -> ConnectionConfig:
    config = ConnectionConfig(
        source="civil",
        owner="civil_office",
        agreement="civil_told",
        connector="rest",
        key="national_id",
        attributes=(attribute("works", "/works"),),
        settings={"address": "https://civil.example/{number}", "echo": "/number"},
        updates=WEBHOOK,
    )
    return replace(config, **changes)


def registry(**changes: Any) -> ConnectionConfig:
    """The same institution by the DCI standard."""
    settings = {
        "address": "https://civil.example/registry/sync/search",
        "sender": US,
        "receiver": THEM,
        "identifier": "UIN",
        "registry": "Civil",
        "record": "Person",
        "signs": Profile.HTTP.value,
        "keys": [public()],
    }
    return civil(source="registry", connector="dci", settings=settings, updates=NOTIFY, **changes)


def install(*more: ConnectionConfig) -> None:
    """Install fields, sources, an agreement in force, connections, and a programme that decides about homes."""
    install_sources(SOURCES, by=BY)
    install_dictionary(WORDS, by=BY)
    agreeing.install()
    install_organisations([OrganisationConfig("civil_office", "Civil office")], by=BY)
    agreeing.in_force(
        "civil_told",
        provider="civil_office",
        consumer="ministry",
        direction=Direction.IN,
        fields=tuple(FieldTerm("person", name) for name in TOLD),
        identifiers=("national_id",),
    )
    connect(civil(), registry(), *more)
    installed(POOR_HOME)


def connect(*configs: ConnectionConfig) -> None:
    install_connections(list(configs), by=BY)


def home(numbers: Iterable[str], *, area: str = "n1", income: int = 39_000) -> UUID:
    """Register a home of as many people as numbers, whose income is just enough for all of them to be poor by, and decide.

    39,000 / 4 = 9,750 is below the line of 10,000; 39,000 / 3 = 13,000 is above it.
    """
    numbers = list(numbers)
    people = [
        {"given_name": f"Person {place}", "birth_date": date(1970 + place, 1, 1), "marital": "single", "works": False}
        for place in range(len(numbers))
    ]
    day = clock.today() - timedelta(days=200)
    id = country.household(area, *people, on=day, income=income)
    for person, number in zip(setting.members(id), numbers, strict=True):
        kin.number(person, number)
    with acting(system("test").narrowed(Permission.DETERMINE)) as by:
        determine_household(id, by=by, under=country.GROUND, on=clock.today())
    return id


def event(kind: str, number: str, at: str | date | datetime, *, id: str = "", **told: Any) -> dict[str, Any]:
    """Return an update as the civil registry writes it in its webhooks."""
    written = at if isinstance(at, str) else at.isoformat()
    return {"id": id or uuid4().hex, "kind": kind, "at": written, "person": {"number": number, **told}}


def death(number: str, day: date, **more: Any) -> dict[str, Any]:
    return event("Death", number, day, died=day.isoformat(), **more)


def webhook(
    *events: Mapping[str, Any], signs: OKPKey | None = KEY, at: datetime | None = None, id: str = ""
) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a webhook, signed now by the civil registry unless it is said otherwise."""
    body = json.dumps({"events": list(events)}).encode()
    headers = {"webhook-id": id or uuid4().hex, "webhook-timestamp": str(int((at or clock.now()).timestamp()))}
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    if signs is not None:
        made = base64.b64encode(signs.private_key.sign(content)).decode()
        headers["webhook-signature"] = f"v1a,{made}"
    return body, headers | {"content-type": "application/json"}


def notification(
    *events: Mapping[str, Any],
    signs: OKPKey | None = KEY,
    at: datetime | None = None,
    to: str = US,
    transaction: str = "",
) -> dict[str, Any]:
    """Return a message of the DCI standard that tells the same."""
    items = [
        {
            "reference_id": each["id"],
            "timestamp": each["at"] if "T" in each["at"] else f"{each['at']}T00:00:00Z",
            "data": {
                "reg_event_type": each["kind"],
                "reg_record_type": "Person",
                "reg_records": {
                    "identifier": [{"identifier_type": "UIN", "identifier_value": each["person"]["number"]}],
                    **{name: value for name, value in each["person"].items() if name != "number"},
                },
            },
        }
        for each in events
    ]
    now = at or clock.now()
    header = Header(uuid4().hex, now, Action.NOTIFY, THEM, to, status=Status.DONE)
    made = answer(header, {"transaction_id": transaction or "t1", "notify_event": items})
    if signs is None:
        return made
    return {"signature": sign(made, signs, profile=Profile.HTTP, sender=THEM, now=now), **made}


def rows(statement: str, values: Iterable[Any] = ()) -> list[tuple]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.fetchall()


def refused() -> dict[str, int]:
    return dict(rows("SELECT reason, sum(times)::int FROM sources_updaterefusal GROUP BY reason"))


def audited(event: str) -> list[dict[str, Any]]:
    """Return the details of the rows of an event in the audit log, in their order."""
    return [
        json.loads(each)
        for (each,) in rows("SELECT details::text FROM trust_audit WHERE event = %s ORDER BY id", [event])
    ]


def facts(numbers: Iterable[str]) -> list[tuple]:
    """Return, of each person in this order, what is known of them, by whom and of which day, and when they died and left."""
    return rows(
        """SELECT p.deceased_on, f.died_on, f.marital, f.works,
            (SELECT json_agg(json_build_array(x.field, s.code, x.observed_on, x.conflict) ORDER BY x.field)
                FROM registry_fact_exception x JOIN registry_source s ON s.id = x.source_id WHERE x.entity_id = p.id)::text,
            (SELECT code FROM registry_source WHERE id = f.source_id), f.observed_on,
            (SELECT json_agg(json_build_array(m.starts_on, m.ends_on) ORDER BY m.starts_on)::text
                FROM registry_membership m WHERE m.person_id = p.id)
        FROM unnest(%s::uuid[]) WITH ORDINALITY asked (id, place) JOIN registry_person p ON p.id = asked.id
        LEFT JOIN registry_fact_person f ON f.person_id = p.id ORDER BY asked.place""",
        [[person(each) for each in numbers]],
    )


def person(number: str) -> UUID | None:
    from amparo.registry.queries import person_with_identifier

    with acting(system("test").narrowed(Permission.REGISTER)) as by:
        return person_with_identifier("national_id", number, by=by)


def decisions(home: UUID) -> list[tuple]:
    """Return what stands of a home: outcome, amount and state of each decision, the one in effect first."""
    return rows(
        """SELECT outcome, amount_minor, state FROM programmes_decision
        WHERE household_id = %s AND superseded_at IS NULL ORDER BY state <> 'in-effect', state""",
        [home],
    )
