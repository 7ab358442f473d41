"""From households to the families or couples inside them: one row per group, whose `members` are its own.

Shape   in: households as the engine takes them, each member with the key of their group in a column named for its kind
        out: one row per group; `unit_id`, `is_grouped`, `members` only the group's; every other column the household's
Nulls   a member whose key is NULL is in no group: they are a unit of one, named by their own id, `is_grouped` false
Errors  a table whose members do not say their group is refused
"""

import ibis
import ibis.expr.types as ir

from amparo.kernel.errors import Refused

GROUPED = ("unit_id", "is_grouped")


def one_row_per_group(table: ir.Table, kind: str) -> ir.Table:
    """Return the groups of a kind with their members, in the members' order; nobody is dropped, an empty home has none."""
    if kind not in table["members"].type().value_type.names:
        raise Refused("rules-column-missing", field=kind)

    def key(member: ir.StructValue) -> ir.Value:
        return ibis.coalesce(member[kind], member["person_id"])

    grouped = table.mutate(unit_id=table["members"].map(key).unique().unnest()).view()
    unit, members = grouped["unit_id"], grouped["members"]
    return grouped.mutate(
        members=members.filter(lambda m: key(m) == unit),
        is_grouped=members.map(lambda m: m[kind]).contains(unit),
    ).view()
