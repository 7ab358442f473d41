"""Who may do what, and what the audit log says of it: read from roles, routes and events."""

from collections.abc import Iterator

from amparo.profiles.languages import say
from amparo.trust.types import PERMISSIONS, SCOPE_KIND, Event, Permission, Role, ScopeKind


def roles() -> str:
    """Return the page of roles and permissions, and of the pages each permission opens."""
    return "\n".join([*_roles(), *_pages(), ""])


def _roles() -> Iterator[str]:
    yield "# Who may do what\n"
    yield "An account may do nothing by itself. It is given roles, each over an area or over the nation, from one day to"
    yield "another. A page or command asks for one permission; somebody reaches the rows of those roles of theirs that"
    yield "hold it, and no others.\n"
    yield "| Permission | " + " | ".join(say(f"trust-role-{each.value}") for each in Role) + " |"
    yield "|---|" + ":-:|" * len(Role)
    reach = {ScopeKind.AREA: "an area", ScopeKind.NATIONAL: "the nation"}
    yield "| *reaches* | " + " | ".join(f"*{reach[SCOPE_KIND[each]]}*" for each in Role) + " |"
    for permission in Permission:
        held = ["yes" if permission in PERMISSIONS[role] else "" for role in Role]
        yield f"| `{permission.value}` | " + " | ".join(held) + " |"
    yield "\nWhat no role holds is left to the operators' commands, which act for the nation and are audited as the system."


def _pages() -> Iterator[str]:
    yield "\n## Pages\n"
    yield "| Page | Permission |"
    yield "|---|---|"
    for address, permission in sorted(routes()):
        yield f"| `/{address}` | {f'`{permission.value}`' if permission else 'none: open to everybody'} |"


def routes() -> list[tuple[str, Permission | None]]:
    from django.urls import URLResolver, get_resolver

    found, waiting = [], [("", each) for each in get_resolver("amparo.project.urls").url_patterns]
    while waiting:
        above, each = waiting.pop()
        place = above + str(each.pattern)
        if isinstance(each, URLResolver):
            waiting += [(place, inner) for inner in each.url_patterns]
        else:
            found.append((place, each.callback.permission))
    return found


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
