"""What each mode serves, read from the table of parts and from every page, operation, command and job."""

from collections import defaultdict
from collections.abc import Iterator

from amparo.profiles.languages import say
from amparo.trust.modes import part_of_queue
from amparo.trust.types.modes import SERVES, Mode, Part

KINDS = ("Pages", "Operations", "Messages", "Commands", "Jobs")


def page() -> str:
    """Return the page: parts × modes, then everything that answers as part of each."""
    return "\n".join([*_modes(), *_parts(), ""])


def _modes() -> Iterator[str]:
    yield "# What each mode serves\n"
    yield "`AMPARO_MODE` says as what an installation is run; [modes and capability](../explanation/modes.md) says why. A page"
    yield "or operation of a part that is off answers 404 and says so; a command refuses; a job waits in its queue until the"
    yield "part is on again. What is in the database is the same in every mode.\n"
    yield "| Mode | " + " | ".join(f"`{each.value}`" for each in Part) + " |"
    yield "|---|" + ":-:|" * len(Part)
    for mode in Mode:
        served = " | ".join("yes" if each in SERVES[mode] else "" for each in Part)
        yield f"| `{mode.value}`, {say(mode.words)} | {served} |"


def _parts() -> Iterator[str]:
    found = {
        kind: every() for kind, every in zip(KINDS, (_pages, _operations, _messages, _commands, _jobs), strict=True)
    }
    for part in Part:
        yield f"\n## `{part.value}`: {say(part.words)}\n"
        for kind in KINDS:
            if named := found[kind].get(part):
                yield f"{kind}: {', '.join(f'`{each}`' for each in sorted(named))}.\n"


def _pages() -> dict[Part, list[str]]:
    from amparo.web.urls import urlpatterns

    return _by_part((each.callback.part, f"/{each.pattern}") for each in urlpatterns)


def _operations() -> dict[Part, list[str]]:
    from amparo.interop.urls import urlpatterns

    known = [each for route in urlpatterns for each in route.callback.declared.values()]
    return _by_part((each.part, f"{each.method} /api/{each.path}") for each in known)


def _messages() -> dict[Part, list[str]]:
    from amparo.interop.dci.addresses import urlpatterns

    known = [(route, each) for route in urlpatterns for each in getattr(route.callback, "declared", {}).values()]
    return _by_part((each.part, f"{each.method} /dci/v1/{route.pattern}") for route, each in known)


def _commands() -> dict[Part, list[str]]:
    from amparo.cli.app import COMMANDS, GROUPS
    from amparo.cli.modes import part_of

    named = [*COMMANDS, *(f"{group} {name}" for group, held in GROUPS.items() for name in held)]
    return _by_part((part_of(each), f"amparo {each}") for each in named)


def _jobs() -> dict[Part, list[str]]:
    from procrastinate.contrib.django import app

    own = [each for name, each in app.tasks.items() if "procrastinate.builtin_tasks" not in name]
    return _by_part((part_of_queue(each.queue), each.name) for each in own)


def _by_part(named: Iterator[tuple[Part | None, str]]) -> dict[Part | None, list[str]]:
    found = defaultdict(list)
    for part, name in named:
        found[part].append(name)
    return found
