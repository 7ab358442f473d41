"""`amparo notice …`: hands over what people are to be told, says what waits and why, prints letters."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from amparo.cli.printing import AsJson, as_json_text, note, print_line, result, words
from amparo.cli.wiring import wiring
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

if TYPE_CHECKING:
    from amparo.notices.types import Waiting

Area = Annotated[str, typer.Argument(help=words("cli-notice-area"))]
Folder = Annotated[Path, typer.Argument(help=words("cli-notice-folder"), exists=True, file_okay=False)]
AtMost = Annotated[int, typer.Option(help=words("cli-notice-at-most"), min=1, max=1_000)]


@charged(Permission.SEND_NOTICES)
def send(context: typer.Context, as_json: AsJson = False) -> None:
    """Do now what the worker does by the minute."""
    wiring(context).open()
    from amparo.notices import actions, queries
    from amparo.notices.types import State
    from amparo.trust.types import system

    warned = actions.send_warnings(by=system("notice send"))
    if not warned:
        queries.expect_config(using="bulk")
    done = Counter(warned) + Counter(actions.send(by=system("notice send")))
    _tell_not_configured()
    over = {each.value for each in State} - {State.WAITING.value}
    settled = sum(count for name, count in done.items() if name in over)
    shown = {"settled": settled, "waiting": sum(done.values()) - settled}
    result({"became": dict(done)}, as_json=as_json, sentence="cli-notice-send-done", **shown)


@charged(Permission.READ_NOTICES)
def list_waiting(context: typer.Context, as_json: AsJson = False) -> None:
    """A line for each area, channel and reason; nobody's address, and nobody by name."""
    wiring(context).open()
    from amparo.notices import queries
    from amparo.trust.types import system

    found = [_plain(each) for each in queries.waiting(by=system("notice list"), using="bulk")]
    if as_json:
        print_line(as_json_text({"waiting": found, "not_configured": queries.not_configured()}))
        return
    _tell_not_configured()
    for each in found:
        told = {name: each[name].words if each[name] else None for name in ("state", "channel", "reason")}
        print_line(words("cli-notice-line", **{**each, **told}))
    if not found:
        print_line(words("cli-notice-none"))


@charged(Permission.SEND_NOTICES)
def letters(context: typer.Context, area: Area, folder: Folder, at_most: AtMost = 200, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.notices import actions
    from amparo.trust.types import system

    printed = actions.print_letters(area, _keeping(folder), by=system("notice letters"), at_most=at_most)
    file = str(_file(folder, printed.batch)) if printed.letters else None
    values = {"batch": printed.batch, "letters": printed.letters, "unprintable": printed.unprintable, "file": file}
    result(values, as_json=as_json, sentence="cli-notice-letters-done")


def _keeping(folder: Path) -> Callable[[UUID, bytes], None]:
    """Return what writes a PDF to a folder, whole on the disk, before its letters are marked as printed."""

    def keep(batch: UUID, made: bytes) -> None:
        handle = os.open(_file(folder, batch), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(made)
            file.flush()
            os.fsync(file.fileno())

    return keep


def _file(folder: Path, batch: UUID) -> Path:
    return folder / f"letters-{batch}.pdf"


def _plain(waiting: "Waiting") -> dict[str, Any]:
    from amparo.trust.queries import area_of_number

    place = area_of_number(waiting.area_number)
    return {
        "area": place.code if place else None,
        "state": waiting.state,
        "channel": waiting.channel,
        "reason": waiting.reason,
        "sendings": waiting.sendings,
        "since": waiting.since,
    }


def _tell_not_configured() -> None:
    from amparo.notices.queries import not_configured

    if channels := not_configured():
        note("cli-notice-not-configured", channels=[each.words for each in channels])
