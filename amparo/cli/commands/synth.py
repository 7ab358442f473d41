"""`amparo synth`: the people of an invented country, in the files in which a census would deliver them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from amparo.cli.files import written_to
from amparo.cli.printing import AsJson, progress, result, words
from amparo.cli.wiring import wiring
from amparo.trust.types.charged import charged


class Format(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"


Folder = Annotated[Path, typer.Argument(help=words("cli-synth-folder"))]
Households = Annotated[int, typer.Option(help=words("cli-synth-households"), min=1, max=50_000_000)]
Seed = Annotated[int, typer.Option(help=words("cli-synth-seed"))]
Written = Annotated[Format, typer.Option("--format", help=words("cli-synth-format"))]


@charged()
def synth(
    context: typer.Context,
    folder: Folder,
    households: Households = 10_000,
    seed: Seed = 1,
    written: Written = Format.CSV,
    as_json: AsJson = False,
) -> None:
    from amparo.profiles.country import country
    from amparo.profiles.synth import generate

    with written_to(folder), progress("cli-synth-progress") as tell:
        done = 0

        def added(more: int) -> None:
            nonlocal done
            done += more
            tell(done, households)

        made = generate(
            country(wiring(context).profile),
            households=households,
            seed=seed,
            folder=folder,
            format=written.value,
            progress=added,
        )
    values = {
        "households": made.households,
        "persons": made.persons,
        "files": {name: str(path) for name, path in made.files.items()},
        "planted": dict(made.planted),
    }
    result(values, as_json=as_json, sentence="cli-synth-done", folder=str(folder))
