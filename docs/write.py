"""Write docs/reference anew from what the code says of itself: `make docs`. A test holds the pages to it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from docs.pages import access, api, asvs, country, kept, modes, sealed
from tests.spec.page import page as rule_language

REFERENCE = Path(__file__).parent / "reference"
GENERATED = "<!-- `make docs` writes this page from the code: change the code, not the page. -->\n\n"


def command_line() -> str:
    """Return the page of the command `amparo`: every command, what it is for, and its options."""
    os.environ["AMPARO_LANGUAGE"] = "en"
    import typer

    from amparo.cli.app import app

    amparo = typer.main.get_command(app)
    opening = f"# The command `amparo`\n\n{amparo.help}\n\nThese options may stand anywhere in the line:\n\n"
    told = "\n\n`--json` prints one JSON object on standard output; everything else goes to standard error. Where something\n"
    told += "is refused, what happened, why it matters and what to do are printed, nothing is written, and the exit status\nis 2."
    return opening + options(amparo) + told + "".join(commands(amparo, "amparo")) + "\n"


def commands(group: object, path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
            continue
        written = " ".join([path, name, *(each.name.upper() for each in arguments_of(command))])
        yield f"\n\n## `{written}`\n\n{command.help}\n\n{options(command)}".rstrip()


def arguments_of(command: object) -> list:
    return [each for each in command.params if each.param_type_name == "argument"]


def options(command: object) -> str:
    """Return a table of what may be given, or nothing."""
    rows = [
        f"| `{' '.join(each.opts) if each.param_type_name == 'option' else each.name.upper()}` | {each.help or ''} |"
        for each in command.params
        if each.name not in ("help", "install_completion", "show_completion")
    ]
    return "\n".join(["| | |", "|---|---|", *rows]) if rows else ""


# Page → what writes it. Pages that people write themselves are not here.
PAGES: dict[str, Callable[[], str]] = {
    "api.md": api.operations,
    "asvs.md": asvs.page,
    "audit-log.md": access.events,
    "command-line.md": command_line,
    "profile-example.md": country.example,
    "roles.md": access.roles,
    "rule-language.md": rule_language,
    "sealed-columns.md": sealed.columns,
    "flows.md": kept.flows,
    "modes.md": modes.page,
    "kept.md": kept.places,
}


def write() -> None:
    """Write every page. The settings that routes and models ask for lead to an empty folder, and to no database."""
    import django

    with TemporaryDirectory() as folder:
        os.environ |= {"AMPARO_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "amparo.project.settings"}
        django.setup()
        for page, text in PAGES.items():
            (REFERENCE / page).write_text(GENERATED + text())


if __name__ == "__main__":
    write()
