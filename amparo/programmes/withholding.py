"""What a rule reads and a reader may not: then outcome, amount and rule are told, and no step from which it could be seen.

Shape   classes of fields that may be read in; (grain, name) of what is withheld out, in order
Nulls   a field that the dictionary does not know has no class, and is withheld from whoever may not read all that rules may
"""

from collections.abc import Collection
from dataclasses import replace

from amparo.kernel.errors import NotPermitted
from amparo.programmes.inforce import InForce
from amparo.programmes.types import WITHHELD, Decision
from amparo.registry.dictionary import FOR_DECISIONS, Dictionary
from amparo.registry.lists import ITEM, grain_of
from amparo.rules.catalogue import SIZE
from amparo.rules.lower.names import plain
from amparo.trust.types import Actor, FieldClass

Names = tuple[tuple[str, str], ...]


def withheld(programme: InForce, classes: Collection[FieldClass], words: Dictionary) -> Names:
    """Return what the programme's rule, amount or order reads that is of none of these classes."""
    if set(classes) >= FOR_DECISIONS:
        return ()
    reads = {(grain_of(path), plain(name)) for path, name in programme.reads}
    return tuple(sorted(each for each in reads if not _is_told(each, classes, words)))


def _is_told(read: tuple[str, str], classes: Collection[FieldClass], words: Dictionary) -> bool:
    """A list of items is told where each of their fields is: that somebody has one says as much as what is in it."""
    grain, name = read
    if name:
        return name == SIZE or (read in words and words[read].field_class in classes)
    return not grain.startswith(ITEM) or len(words.readable(grain, classes)) == len(words.of(grain))


def expect_told(programme: InForce, classes: Collection[FieldClass], words: Dictionary) -> None:
    """Raise NotPermitted where an answer of the rule would tell what its reader may not read."""
    if withheld(programme, classes, words):
        raise NotPermitted("programmes-facts-withheld", programme=programme.code)


def expect_all(classes: Collection[FieldClass]) -> None:
    """Raise NotPermitted for whoever would decide on less than all that is known."""
    if not set(classes) >= FOR_DECISIONS:
        raise NotPermitted("programmes-decided-on-part")


def expect_decisions(classes: Collection[FieldClass]) -> None:
    """Raise NotPermitted for whoever may not read what was decided."""
    if FieldClass.DECISION not in classes:
        raise NotPermitted("programmes-decisions-withheld")


def shown(made: Decision, by: Actor, words: Dictionary) -> Decision:
    """Return a decision as its reader may see it: of what is missing, no field of a class they may not read.

    Raises NotPermitted for whoever may not read decisions.
    """
    classes = by.classes_at(made.area_number)
    expect_decisions(classes)
    if classes >= FOR_DECISIONS:
        return made
    hidden = {each.name for each in words.fields if each.field_class not in classes}
    missing = (WITHHELD if name.rpartition(".")[2] in hidden else name for name in made.missing)
    return replace(made, missing=tuple(dict.fromkeys(missing)))
