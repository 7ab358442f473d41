"""Groups, relationships and items of a household, ready to be shown: who, what, who said so and when."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from amparo.kernel.messages import Message, message
from amparo.registry.belonging import GroupRecord, RelationshipRecord, RelativeRecord
from amparo.registry.dictionary import Dictionary
from amparo.registry.types import ItemRecord
from amparo.web import presenting

Words = Message | str


def groups(records: Sequence[GroupRecord], names: Mapping[UUID, Words], words: Dictionary, *, on: date) -> list[dict]:
    return [
        {
            "kind": each.kind,
            "members": [names[member] for member in each.members if member in names],
            "since": each.starts_on,
            "until": each.ends_on,
            "age": presenting.ago(each.starts_on, on),
            "facts": presenting.known(each.facts, "group", words, on=on),
        }
        for each in records
    ]


def relationships(
    records: Sequence[RelationshipRecord], names: Mapping[UUID, Words], words: Dictionary, *, on: date
) -> list[dict[str, Any]]:
    """Return one line for each member, kind and telling, with everybody to whom it is."""
    lines: dict[tuple, list[dict]] = defaultdict(list)
    for each in records:
        lines[each.member, each.kind, each.is_first, each.source, each.starts_on].append(
            _other(each.other, names, words)
        )
    return [
        {
            "who": names[member],
            "kind": f"web-tie-{kind}" if is_first or kind == "spouse" else f"web-tie-{kind}-inverse",
            "others": others,
            "source": presenting.worded(f"source-{source}", source),
            "since": since,
            "age": presenting.ago(since, on),
        }
        for (member, kind, is_first, source, since), others in lines.items()
        if member in names
    ]


def _other(other: UUID | RelativeRecord | None, names: Mapping[UUID, Words], words: Dictionary) -> dict[str, Any]:
    """Return a name with where it leads; of somebody outside the reader's areas, only that there is somebody."""
    if other is None:
        return {"name": message("web-tie-elsewhere")}
    if isinstance(other, RelativeRecord):
        name = presenting.full_name(other.facts, words) or message("web-person-numbered", number=str(other.number))
        return {"name": name, "id": other.id, "household": other.household_id}
    return {"name": names[other]}


def items(records: Sequence[ItemRecord], words: Dictionary, *, on: date) -> list[dict[str, Any]]:
    """Return each kind with its items: what is known of each, and once who said so and when if it is the same for all."""
    kinds: dict[str, list[dict]] = defaultdict(list)
    for each in records:
        facts = presenting.known(each.facts, f"item:{each.kind}", words, on=on)
        told = {(fact.source, fact.observed_on) for fact in each.facts.values()}
        kinds[each.kind].append({"facts": facts, "told": facts[:1], "is_mixed": len(told) > 1})
    return [{"kind": kind, "held": held} for kind, held in kinds.items()]
