"""What a row says, as one JSON object."""

from collections.abc import Mapping, Sequence

from amparo.intake.validation.expressions import literal
from amparo.registry.dictionary import Field, Type

_PLAIN = (Type.BOOLEAN, Type.INTEGER, Type.MONEY, Type.NUMBER)


def said_as_json(fields: Sequence[Field], values: Mapping[str, str]) -> str:
    """SQL for the JSON text of a row's typed values, given the SQL of each. A field without a value is left out; none gives `{}`.

    Put together from texts, field by field: that takes a fifth of the time of building an object and emptying it.
    """
    pairs = ", ".join(_pair(field, values[field.name]) for field in fields)
    return f"concat('{{', ltrim(concat({pairs}), ','), '}}')" if pairs else "'{}'"


def _pair(field: Field, value: str) -> str:
    """A comma, the name and the value; nothing where there is none."""
    key = f',"{field.name}":'
    if field.type is Type.BOOLEAN:
        return (
            f"CASE {value} WHEN true THEN {literal(key + 'true')} WHEN false THEN {literal(key + 'false')} ELSE '' END"
        )
    quoted = f"concat({literal(key)}, {value if field.type in _PLAIN else f'to_json({value})'})"
    return f"CASE WHEN {value} IS NULL THEN '' ELSE {quoted} END"
