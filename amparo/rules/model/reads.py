"""What a rule reads, and through which lists: so that a snapshot and a decision hold just that.

Shape   (path, field): the path is "household", "member", or that of a holder and a list, `member.parents.income_month`.
        The list itself, read even where no field of its elements is, is (path, "")
"""

from collections.abc import Iterator, Mapping

from amparo.rules.model.nodes import HOUSEHOLD, HouseholdField, ListRead, MemberField, Node, OverList

MEMBER = "member"
LIST_ITSELF = ""
# The variable "member" is the person decided about; `members` are all of the household, under the same name.
_ROOTS = {MEMBER: MEMBER, HOUSEHOLD: HOUSEHOLD}

Field = HouseholdField | MemberField


def reads(node: Node) -> Iterator[tuple[str, str]]:
    """Yield each field and each list that the node reads; `members` and the counted size are neither."""
    for path, read in nodes_read(node, _ROOTS):
        if isinstance(read, Field):
            yield path, read.name
        elif not read.is_members:
            yield path, LIST_ITSELF


def nodes_read(node: Node, paths: Mapping[str, str]) -> Iterator[tuple[str, Field | ListRead]]:
    """Yield each field with the path of whom it is of, and each list with the path of its elements.

    `paths`  what each variable in force stands for
    """
    match node:
        case HouseholdField():
            yield HOUSEHOLD, node
        case MemberField(variable=variable):
            yield paths[variable], node
        case OverList(source=source, variable=variable):
            paths = {**paths, variable: path_of(source, paths)}
            yield paths[variable], source
    for part in node.parts:
        yield from nodes_read(part, paths)


def path_of(source: ListRead, paths: Mapping[str, str]) -> str:
    """Return the path of a list's elements."""
    return MEMBER if source.is_members else f"{paths[source.variable]}.{source.name}"
