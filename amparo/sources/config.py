"""What a profile may say of how sources are asked, held against the country; read by `profiles` from `connections.toml`.

Nulls   a source without a connection is not asked, and tells what is delivered
Errors  none is raised: every fault is named by its key
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from amparo.registry.dictionary import Dictionary, Field, FieldClass, Type
from amparo.sources.connectors import CONNECTORS
from amparo.sources.types import Attribute, Caching, ConnectionConfig, Happening, UpdateKind
from amparo.sources.updates import settings as updates
from amparo.trust.covering import Direction, Given, Terms

Fault = tuple[str, dict[str, Any]]  # message id, its values
LONGEST_SECONDS = 10.0


def wrong_with(config: ConnectionConfig, words: Dictionary, terms: Terms | None) -> Iterator[Fault]:
    """Yield what is wrong with a connection. `terms`: of the agreement that it names; None where there is none."""
    if config.source not in words.sources:
        yield "profiles-source-unknown", {"source": config.source, "known": list(words.sources)}
    if words.scheme(config.key) is None:
        yield _unknown("key", config.key, [each.scheme for each in words.schemes])
    if config.connector not in CONNECTORS:
        yield _unknown("connector", config.connector, sorted(CONNECTORS))
    else:
        for key, example in CONNECTORS[config.connector].wrong_with(config.settings, config.attributes):
            yield "profiles-value-wrong", {"key": key, "example": example}
    yield from _limits(config)
    if not config.attributes:
        yield "profiles-key-missing", {"key": "attribute"}
    for each in config.attributes:
        yield from _attribute(each, words)
    if config.updates:
        yield from _updates(config, words)
    yield from _agreed(config, terms)


def _updates(config: ConnectionConfig, words: Dictionary) -> Iterator[Fault]:
    """What is told is kept, so it may be nothing that may not be: of such a field a kind without fields makes us ask again."""
    assert config.updates is not None
    for key, example in updates.wrong_with(config):
        yield "profiles-value-wrong", {"key": key, "example": example}
    kinds = config.updates.kinds
    if not kinds:
        yield "profiles-key-missing", {"key": "event"}
    if len({each.name for each in kinds}) < len(kinds):
        yield "profiles-code-given-twice", {"code": config.source}
    asked = {each.name: each.caching for each in config.attributes}
    for each in kinds:
        yield from _kind(each, words)
        for one in each.attributes:
            yield from _attribute(one, words)
            if asked.get(one.name, Caching.OBSERVATION) is not Caching.OBSERVATION:
                yield "sources-update-field-not-kept", {"field": one.name, "source": config.source}


def _kind(kind: UpdateKind, words: Dictionary) -> Iterator[Fault]:
    """A death is of a day, and a day that is told is one of the dictionary's."""
    if kind.happening is not Happening.DEATH:
        return
    days = [each for each in kind.attributes if ("person", each.name) in words]
    if len(days) != 1 or words["person", days[0].name].type is not Type.DATE or days[0].codes:
        yield "sources-update-death-day", {"kind": kind.name}


def _unknown(key: str, value: str, known: list[str]) -> Fault:
    return "profiles-value-unknown", {"key": key, "value": value, "known": known}


def _limits(config: ConnectionConfig) -> Iterator[Fault]:
    if not 0 < config.seconds <= LONGEST_SECONDS:
        yield "profiles-value-wrong", {"key": "seconds", "example": f"3.0 (≤ {LONGEST_SECONDS:g})"}
    if config.in_second < 1 or config.in_minute < 1:
        yield "profiles-value-wrong", {"key": "in_second, in_minute", "example": "20, 600"}
    if config.in_day is not None and config.in_day < 1:
        yield "profiles-value-wrong", {"key": "in_day", "example": "50000"}
    if config.coverage is not None and not 0 <= config.coverage <= 1:
        yield "profiles-value-wrong", {"key": "coverage", "example": "0.95"}
    if len({each.name for each in config.attributes}) < len(config.attributes):
        yield "profiles-code-given-twice", {"code": config.source}


def _attribute(attribute: Attribute, words: Dictionary) -> Iterator[Fault]:
    """A source is asked about one person, so it tells fields of persons; contact is kept in another way, and is not asked."""
    if ("person", attribute.name) not in words:
        yield _unknown("name", attribute.name, [each.name for each in words.of("person")])
        return
    field = words["person", attribute.name]
    if field.is_sealed or field.field_class is FieldClass.PROTECTION:
        yield "sources-attribute-not-asked", {"field": attribute.name}
    if (attribute.caching is Caching.NONE) != (attribute.days == 0):
        yield "profiles-value-wrong", {"key": "days", "example": "30"}
    yield from _codes(attribute, field, words)


def _codes(attribute: Attribute, field: Field, words: Dictionary) -> Iterator[Fault]:
    if field.type is Type.CODE and field.vocabulary:
        known = words.vocabulary(field.vocabulary).codes
        for each in attribute.codes.values():
            if each not in known:
                yield _unknown("codes", str(each), list(known))
    try:
        is_number = Decimal(attribute.factor) > 0
    except InvalidOperation:
        is_number = False
    if not is_number:
        yield "profiles-value-wrong", {"key": "factor", "example": "0.0001"}


def _agreed(config: ConnectionConfig, terms: Terms | None) -> Iterator[Fault]:
    """What is asked must be what the agreement says, whole, by number, in this direction."""
    if terms is None:
        yield "sources-agreement-unknown", {"agreement": config.agreement}
        return
    if terms.direction is not Direction.IN or terms.provider != config.owner:
        yield "sources-agreement-of-others", {"agreement": config.agreement, "owner": config.owner}
    if config.key not in terms.identifiers:
        yield _unknown("key", config.key, list(terms.identifiers))
    if terms.needs_consent and any(each.caching is Caching.UNTIL for each in config.attributes):
        yield "sources-kept-beyond-consent", {"agreement": config.agreement}
    listed = {each.name for each in terms.fields if each.grain == "person" and each.given is Given.VALUE}
    for name in dict.fromkeys(each.name for each in (*config.attributes, *told_attributes(config))):
        if name not in listed:
            yield "sources-attribute-not-agreed", {"field": name, "agreement": config.agreement}


def told_attributes(config: ConnectionConfig) -> list[Attribute]:
    """Return every field that updates of a source tell."""
    return [one for each in config.updates.kinds for one in each.attributes] if config.updates else []
