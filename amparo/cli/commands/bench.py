"""`amparo bench …`: how fast this machine is, each figure beside a baseline measured in the same run."""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from amparo.cli.printing import AsJson, as_json_text, note, print_line, words
from amparo.cli.wiring import wiring
from amparo.kernel.errors import Refused

ROOT = Path(__file__).parents[3]
Households = Annotated[int, typer.Option(help=words("cli-synth-households"), min=100)]
Seed = Annotated[int, typer.Option(help=words("cli-synth-seed"))]

MILLION = 1_000_000


def bench_import(
    context: typer.Context, households: Households = MILLION, seed: Seed = 1, as_json: AsJson = False
) -> None:
    show(imports(context, households, seed), as_json)


def bench_determination(
    context: typer.Context, households: Households = MILLION, seed: Seed = 1, as_json: AsJson = False
) -> None:
    show(determination(context, households, seed), as_json)


def bench_rows(
    context: typer.Context, households: Households = MILLION, seed: Seed = 1, as_json: AsJson = False
) -> None:
    show(rows(context, households, seed), as_json)


def bench_engines(
    context: typer.Context, households: Households = MILLION, seed: Seed = 1, as_json: AsJson = False
) -> None:
    show(engines(context, households, seed), as_json)


def bench_all(
    context: typer.Context, households: Households = MILLION, seed: Seed = 1, as_json: AsJson = False
) -> None:
    found = {}
    for name, measure in {"rows": rows, "engines": engines, "import": imports, "determination": determination}.items():
        note("cli-bench-now", name=name)
        found[name] = measure(context, households, seed)
        if not as_json:
            show({name: found[name]}, as_json)
    if as_json:
        show(found, as_json)


def imports(context: typer.Context, households: int, seed: int) -> dict[str, Any]:
    return in_scratch(context, "imports", households, seed, with_profile=True)


def determination(context: typer.Context, households: int, seed: int) -> dict[str, Any]:
    return in_scratch(context, "determination", households, seed, with_profile=True)


def rows(context: typer.Context, households: int, seed: int) -> dict[str, Any]:
    return in_scratch(context, "rows", households, seed, with_profile=False)


def engines(context: typer.Context, households: int, seed: int) -> dict[str, Any]:
    return measure_in("engines")(pairs=households, seed=seed)


def in_scratch(context: typer.Context, name: str, households: int, seed: int, *, with_profile: bool) -> dict[str, Any]:
    """Measure in an empty database of its own, which goes afterwards."""
    from amparo.profiles.country import country

    installed = wiring(context)
    with installed.scratch(f"bench_{name}", with_profile=with_profile):
        measure = measure_in(name)
        given = {"profile": country(installed.profile)} if with_profile else {}
        return measure(**given, households=households, seed=seed)


def measure_in(name: str) -> Callable[..., dict[str, Any]]:
    """Return the `run` of a file in the folder `bench`, which stands in a checkout only."""
    if not (ROOT / "bench" / f"{name}.py").exists():
        raise Refused("cli-bench-not-here")
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return import_module(f"bench.{name}").run


def show(found: dict[str, Any], as_json: bool) -> None:
    print_line(as_json_text(found))
