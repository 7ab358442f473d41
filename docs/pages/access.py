"""Who may do what, and what the audit log says of it: read from roles, routes and events."""

from collections.abc import Callable, Iterator

from amparo.profiles.languages import say
from amparo.trust.identity.strength import Strength, demanded
from amparo.trust.types import (
    APART,
    PERMISSIONS,
    POWERFUL,
    READS,
    SCOPE_KIND,
    SEES,
    Event,
    FieldClass,
    Permission,
    Role,
    ScopeKind,
    Standing,
)

DEMANDED = {
    Strength.PASSWORD: "a password",
    Strength.FACTOR: "a second factor",
    Strength.FRESH: "a second factor, just now",
}


def roles() -> str:
    """Return the page of roles and permissions, and of the pages each permission opens."""
    return "\n".join([*_roles(), *_records(), *_pages(), ""])


def _roles() -> Iterator[str]:
    yield "# Who may do what\n"
    yield "An account may do nothing by itself. It is given roles, each over an area, a programme or the nation, from one day to"
    yield "another. A page or command asks for one permission; somebody reaches the rows of those roles of theirs that"
    yield "hold it, and no others.\n"
    yield "| Permission | " + " | ".join(say(f"trust-role-{each.value}") for each in Role) + " | Demands |"
    yield "|---|" + ":-:|" * len(Role) + "---|"
    reach = {ScopeKind.AREA: "an area", ScopeKind.NATIONAL: "the nation", ScopeKind.PROGRAMME: "a programme"}
    reach[ScopeKind.PROTECTION] = "an area, and people in danger"
    yield "| *reaches* | " + " | ".join(f"*{reach[SCOPE_KIND[each]]}*" for each in Role) + " | |"
    for permission in Permission:
        held = ["yes" if permission in PERMISSIONS[role] else "" for role in Role]
        yield f"| `{permission.value}` | " + " | ".join(held) + f" | {DEMANDED[demanded(permission)]} |"
    yield "\n*A second factor, just now*: at most five minutes ago. [How people sign in](../explanation/signing-in.md).\n"
    together = ", ".join(say(f"trust-role-{each.value}") for each in Role if each in APART)
    yield f"Held together with no other role but {say('trust-role-analyst')}: {together}. Given by one person and confirmed"
    two = ", ".join(say(f"trust-role-{each.value}") for each in Role if each in POWERFUL)
    yield f"by a second: {two}."
    yield "\nWhat no role holds is left to the operators' commands, which act for the nation and are audited as the system."


def _records() -> Iterator[str]:
    """Yield the two tables of what is read of a record: of which class a field is, and how the record stands."""
    yield "\n## What is read of a record\n"
    yield "Whoever reaches a record reads fields of the classes below, and records that stand as below. A role without a column"
    yield "reads nobody's record. A field that is not shown is said to be withheld, which is not *unknown*, and nobody can search,"
    yield "filter or sort by it, nor see it through a decision that rests on it.\n"
    for heading, words, held in (("Class", FieldClass, READS), ("Standing", Standing, SEES)):
        roles = [each for each in Role if each in held]
        yield f"| {heading} | " + " | ".join(say(f"trust-role-{each.value}") for each in roles) + " |"
        yield "|---|" + ":-:|" * len(roles)
        for each in words:
            told = " | ".join("yes" if each in held[role] else "" for role in roles)
            yield f"| {say(each.words.id)} | {told} |"
        yield ""
    yield "A draft is read in every state by whoever reads drafts, and an agreement by whoever reads agreements; what an agreement"
    yield "that is suspended, ended or past its day hands over is nothing. Of a delivery that was refused whole no line is kept."


def _pages() -> Iterator[str]:
    yield "\n## Pages\n"
    yield "| Page | Permission |"
    yield "|---|---|"
    for address, permission in sorted(routes()):
        yield f"| `/{address}` | {permission} |"


def routes() -> list[tuple[str, str]]:
    """Return the address of every page, and what it asks for."""
    from django.urls import URLResolver, get_resolver

    found, waiting = [], [("", each) for each in get_resolver("amparo.project.urls").url_patterns]
    while waiting:
        above, each = waiting.pop()
        place = above + str(each.pattern)
        if isinstance(each, URLResolver):
            waiting += [(place, inner) for inner in each.url_patterns]
        elif not hasattr(each.callback, "declared"):  # the machines' door has a page of its own
            found.append((place, _asked_by(each.callback)))
    return found


def _asked_by(view: Callable) -> str:
    if view.permission:
        return f"`{view.permission.value}`"
    return "none: one's own account" if hasattr(view, "is_own") else "none: open to everybody"


def events() -> str:
    """Return the page of what the audit log records."""
    lines = ["# What the audit log records\n"]
    lines += [
        "Each act writes one row in its own transaction: an act without its row does not happen. A row holds codes,"
    ]
    lines += ["counts and numbers of records, never what they say of anybody. No role may change a row.\n"]
    lines += ["| Event | In words |", "|---|---|"]
    lines += [f"| `{each.value}` | {say(f'trust-event-{each.value}')} |" for each in Event]
    return "\n".join([*lines, ""])
