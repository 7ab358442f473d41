"""Lists of relatives and items, as statements: who stands in a list, and of whom the list is known.

Shape   `rows`: (holder_id, id) once for each element; `known`: (holder_id) once for each holder
Nulls   a list is known only of whoever has, by a link that holds, a record in a source that names it whole
        (`ListDefinition.complete_in`). Of anybody else it is unknown, also where some of it was delivered
Errors  a list that the dictionary does not know is refused

A relationship counts while the record that said it is linked to the person it was said of; the dead are in no list. An
item counts while something is known of it.
"""

from amparo.registry import facts
from amparo.registry.dictionary import Dictionary, ListDefinition

# Name → kind of relationship, and whether the holder is its `person` or its `other` ("person is the parent of other").
RELATIONS = {
    "parents": ("parent", "other"),
    "children": ("parent", "person"),
    "spouse": ("spouse", "either"),
    "caregiver": ("caregiver", "other"),
    "cares_for": ("caregiver", "person"),
    "guardian": ("guardian", "other"),
    "wards": ("guardian", "person"),
}
PERSON, HOUSEHOLD, ITEM = "person", "household", "item:"
NOW = ("{link}.ends_at IS NULL", "{row}.ends_on IS NULL")
AS_OF = (
    "{link}.starts_at <= %(as_of)s AND ({link}.ends_at IS NULL OR {link}.ends_at > %(as_of)s)",
    "{row}.starts_on <= %(day)s AND ({row}.ends_on IS NULL OR {row}.ends_on > %(day)s)",
)
When = tuple[str, str]


def relations() -> tuple[ListDefinition, ...]:
    return tuple(ListDefinition(name, PERSON, PERSON) for name in RELATIONS)


def grain_of(path: str) -> str:
    """Return the grain of the elements of a path: `person.children` are persons, `household.plot` plots."""
    last = path.rpartition(".")[2]
    return PERSON if last in RELATIONS else last if "." not in path else ITEM + last


def at(path: str, words: Dictionary) -> ListDefinition:
    """Return the list at the end of a path."""
    holders, _, name = path.rpartition(".")
    return words.a_list(grain_of(holders), name)


def rows(of: ListDefinition, when: When = NOW) -> str:
    """Return the statement that gives each element of the list with its holder."""
    return _relatives(of.name, when) if of.name in RELATIONS else _items(of)


def known(of: ListDefinition, when: When = NOW) -> str:
    """Return the statement that gives the holders of whom the list is known; nobody where no source names it whole."""
    codes = ", ".join(f"'{_quoted(each)}'" for each in of.complete_in) or "NULL"
    return f"""SELECT DISTINCT l.entity_id AS holder_id
        FROM registry_subject s
        JOIN registry_source source ON source.id = s.source_id AND source.code IN ({codes})
        JOIN registry_subjectlink l ON l.subject_id = s.id AND {when[0].format(link="l")}
        WHERE s.grain = '{of.grain}'"""


def _quoted(code: str) -> str:
    return code.replace("'", "''").replace("%", "%%")


def _relatives(name: str, when: When) -> str:
    kind, holder = RELATIONS[name]
    sides = [("person", "other"), ("other", "person")]
    wanted = [side for side in sides if holder in ("either", side[0])]
    # A union: two sources that say the same name one relative.
    return " UNION ".join(_of_one_side(kind, of, relative, when) for of, relative in wanted)


def _of_one_side(kind: str, holder: str, relative: str, when: When) -> str:
    """The record that says who is somebody's parent, spouse or caregiver is that somebody's own: `other`'s."""
    living = "p.deceased_on IS NULL" if when is NOW else "(p.deceased_on IS NULL OR p.deceased_on > %(day)s)"
    return f"""SELECT r.{holder}_id AS holder_id, r.{relative}_id AS id
        FROM registry_relationship r
        JOIN registry_person p ON p.id = r.{relative}_id AND {living}
        WHERE r.kind = '{kind}' AND {when[1].format(row="r")} AND EXISTS (
            SELECT FROM registry_subjectlink l JOIN registry_subject s ON s.id = l.subject_id
            WHERE l.entity_id = r.other_id AND s.source_id = r.source_id AND {when[0].format(link="l")}
        )"""


def _items(of: ListDefinition) -> str:
    kind = of.elements.removeprefix(ITEM)
    return f"""SELECT i.{of.grain}_id AS holder_id, i.id
        FROM registry_item i JOIN {facts.table(of.elements)} f ON f.item_id = i.id
        WHERE i.kind = '{kind}' AND i.ended_on IS NULL AND i.{of.grain}_id IS NOT NULL"""
