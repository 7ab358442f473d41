"""Which columns are sealed, as the packages declare them."""


def columns() -> str:
    """Return the page of sealed columns: where each is, with which keys, and what its values are bound to."""
    from amparo.project.sealed import SEALED

    lines = ["# What is sealed\n"]
    lines += [
        "Each value is sealed by itself, with the key that the master key in use has for its class, and bound to its"
    ]
    lines += [
        "place: moved to another row or column it does not open. [Keys](../explanation/keys.md) says what that protects."
    ]
    lines += ["A blind index finds a value; it is made with a key of the scheme's own.\n"]
    lines += ["| Table | Column | Class | Bound to | Found by |", "|---|---|---|---|---|"]
    for each in SEALED:
        found = f"`{each.blind.column}`, `{each.blind.spare}`" if each.blind else ""
        lines += [
            f"| `{each.table}` | `{each.column}` | `{each.field_class}` | `{each.place.replace(' || ', ' + ')}` | {found} |"
        ]
    return "\n".join([*lines, ""])
