"""Which of the words of several sources holds, by the table of precedence, when some that were asked did not tell (VIR-6).

Shape   of one field of one person: what each source says, and why others do not, in; the value that holds or none, and the
        losing ones with their reason, out
Nulls   a value past its last day is unknown. So is one whose source comes after, or level with, one that was asked and did not
        tell: it might have said otherwise (but see `Attribute.yields`). A source that may not be asked changes nothing
Source  docs/decisions/0042-the-virtual-file.md; the order is that of the fold (docs/decisions/0003-the-fold.md)
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from amparo.registry.dictionary import Field
from amparo.sources.types import NOT_ASKED, FileField, FileValue, Lost, Reason

LAST = 32_767  # the rank of a source that a field's precedence does not name, as in the fold


def rank(source: str, field: Field) -> int:
    return field.precedence.index(source) if source in field.precedence else LAST


def combined(
    field: Field,
    said: Sequence[FileValue],
    missing: Mapping[str, Reason],
    *,
    yielding: Collection[str] = (),
    on: date,
) -> FileField:
    """Return what holds of a field. `yielding`: sources of which one that does not know leaves the word to the next."""
    ordered = sorted(said, key=lambda each: each.source)
    ordered.sort(key=lambda each: each.observed_on or date.min, reverse=True)
    ordered.sort(key=lambda each: (each.is_outdated(on), rank(each.source, field)))
    if not ordered or ordered[0].is_outdated(on):
        return FileField(field.name, None, missing, [(each, Lost.OUTDATED) for each in ordered])
    best, *rest = ordered
    if any(_might_outrank(source, why, best, field, yielding) for source, why in missing.items()):
        return FileField(field.name, None, missing, [(each, _lost(each, None, field, on)) for each in ordered])
    return FileField(field.name, best, missing, [(each, _lost(each, best, field, on)) for each in rest])


def _might_outrank(source: str, why: Reason, best: FileValue, field: Field, yielding: Collection[str]) -> bool:
    """Whether a source that did not tell might have said what holds instead."""
    if why in NOT_ASKED or source == best.source or (source in yielding and why in (Reason.NOBODY, Reason.SILENT)):
        return False
    return rank(source, field) <= rank(best.source, field)


def _lost(each: FileValue, best: FileValue | None, field: Field, on: date) -> Lost:
    if each.is_outdated(on):
        return Lost.OUTDATED
    if best is None:
        return Lost.UNCERTAIN
    return Lost.OLDER if rank(each.source, field) == rank(best.source, field) else Lost.OUTRANKED
