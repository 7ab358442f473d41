"""`amparo message …`: messages of partners that were kept, proved to be what they were."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from amparo.cli.files import expect_file
from amparo.cli.printing import AsJson, errors, result, words
from amparo.cli.wiring import wiring
from amparo.kernel.messages import message
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

WRONG = 1
Id = Annotated[UUID, typer.Argument(help=words("cli-message-id"))]
Brought = Annotated[Path | None, typer.Option("--brought", dir_okay=False, help=words("cli-message-brought"))]


@charged(Permission.READ_AUDIT)
def prove(context: typer.Context, id: Id, brought: Brought = None, as_json: AsJson = False) -> None:
    """Ends with status 1 where the message does not hold."""
    if brought:
        expect_file(brought)
    wiring(context).open()
    from amparo.trust.machines.kept_messages import proved
    from amparo.trust.types import system

    found = proved(id, by=system("message"), brought=brought.read_bytes() if brought else None)
    shown = {each: message(f"cli-message-{_answer(getattr(found, each))}") for each in ("whole", "signed", "in_log")}
    result(asdict(found) | {"holds": found.holds}, as_json=as_json, sentence="cli-message-proved", **shown)
    if not found.holds:
        errors.print(words("cli-message-wrong"))
        raise typer.Exit(WRONG)


def _answer(found: bool | None) -> str:
    return "unknown" if found is None else "yes" if found else "no"
