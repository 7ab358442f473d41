"""`amparo import FILE…`: a delivery taken in, row by row accepted or set aside, or refused whole."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from amparo.cli.printing import AsJson, as_day, print_line, result, words
from amparo.cli.wiring import wiring
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

Files = Annotated[list[Path], typer.Argument(help=words("cli-import-files"))]
Mapping = Annotated[str, typer.Option(help=words("cli-import-mapping"))]
Source = Annotated[str | None, typer.Option(help=words("cli-import-source"))]
ObservedOn = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help=words("cli-import-observed-on"))]
DryRun = Annotated[bool, typer.Option("--dry-run", help=words("cli-import-dry-run"))]


@charged(Permission.DELIVER, Permission.DETERMINE)
def import_delivery(
    context: typer.Context,
    files: Files,
    mapping: Mapping = "",
    source: Source = None,
    observed_on: ObservedOn = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    installed = wiring(context)
    installed.open()
    from amparo.cli.importing import import_files, only_mapping
    from amparo.profiles.country import country

    profile = country(installed.profile)
    receipt = import_files(
        profile,
        files,
        mapping=mapping or only_mapping(profile),
        source=source,
        observed_on=as_day(observed_on),
        dry_run=dry_run,
    )
    done = "cli-import-would" if dry_run else "cli-import-done"
    shown = {key: receipt["rows"][key] for key in ("delivered", "accepted", "quarantined")}
    sentence = "cli-import-already" if receipt.get("already_delivered") else done
    result(receipt, as_json=as_json, sentence=sentence, **shown)
    if not as_json:
        _tell_reasons(receipt)


def _tell_reasons(receipt: dict[str, Any]) -> None:
    from amparo.intake.queries import reason_counted

    for each in (*receipt["reasons"], *receipt.get("warnings", ())):
        place = {"file": each["file"], "line": str(each["line"])}
        print_line(words("cli-import-reason", rows=each["rows"], what=reason_counted(each), **place))
