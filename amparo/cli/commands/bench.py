"""`amparo bench …`: how fast this machine is, each figure beside a baseline measured in the same run."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amparo.cli.printing import AsJson, as_json_text, note, print_line, words
from amparo.cli.wiring import wiring
from amparo.kernel.errors import Refused
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

if TYPE_CHECKING:
    from amparo.profiles.types import Profile

ROOT = Path(__file__).parents[3]
Households = Annotated[int, typer.Option(help=words("cli-synth-households"), min=100)]
Programmes = Annotated[int, typer.Option(help=words("cli-bench-programmes-count"), min=3)]
Seed = Annotated[int, typer.Option(help=words("cli-synth-seed"))]

MILLION = 1_000_000
# In databases of their own, with invented people in them: whatever is measured may be done.
MEASURING = charged(*Permission)


@MEASURING
def bench_import(
    context: typer.Context, households: Households = MILLION, seed: Seed = 1, as_json: AsJson = False
) -> None:
    show(of_country(context, "imports", households=households, seed=seed), as_json)


@MEASURING
def bench_determination(
    context: typer.Context,
    households: Households = MILLION,
    programmes: Programmes = 3,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    show(of_country(context, "determination", households=households, programmes=programmes, seed=seed), as_json)


@MEASURING
def bench_rows(
    context: typer.Context, households: Households = MILLION, seed: Seed = 1, as_json: AsJson = False
) -> None:
    show(rows(context, households, seed), as_json)


@MEASURING
def bench_names(
    context: typer.Context,
    persons: Annotated[int, typer.Option(help=words("cli-bench-persons"), min=1_000)] = 4 * MILLION,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    from amparo.profiles.country import country

    installed = wiring(context)
    with installed.scratch("bench_names", with_profile=False):
        show(measure_in("names")(country(installed.profile), persons=persons, seed=seed, tell=tell), as_json)


@MEASURING
def bench_engines(
    context: typer.Context, households: Households = MILLION, seed: Seed = 1, as_json: AsJson = False
) -> None:
    show(engines(context, households, seed), as_json)


@MEASURING
def bench_keys(
    context: typer.Context,
    rows: Annotated[int, typer.Option(help=words("cli-bench-keys-rows"), min=1_000)] = MILLION,
    as_json: AsJson = False,
) -> None:
    installed = wiring(context)
    with installed.scratch("bench_keys", with_profile=False):
        show(measure_in("keys")(installed.sealed, rows=rows, tell=tell), as_json)


@MEASURING
def bench_audit(
    context: typer.Context,
    rows: Annotated[int, typer.Option(help=words("cli-bench-rows-of-the-log"), min=1000)] = MILLION,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    show(audit(context, rows, seed), as_json)


# What a programme does with whom it decided about: each part gives figures of its own.
OF_PROGRAMMES = ("enrolments", "payments")


@MEASURING
def bench_programmes(
    context: typer.Context,
    persons: Annotated[int, typer.Option(help=words("cli-bench-enrolled"), min=1_000)] = MILLION,
    as_json: AsJson = False,
) -> None:
    found: dict[str, Any] = {}
    for each in OF_PROGRAMMES:
        with empty_country(context):
            found |= measure_in(each)(persons=persons, tell=tell)
    show(found, as_json)


@MEASURING
def bench_country(
    context: typer.Context,
    households: Households = MILLION,
    publish: Annotated[bool, typer.Option("--publish", help=words("cli-bench-publish"))] = False,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    show(of_country(context, "country", households=households, publish=publish, seed=seed), as_json)


@MEASURING
def bench_dci(
    context: typer.Context,
    households: Annotated[int, typer.Option(help=words("cli-synth-households"), min=100)] = 5_000,
    searches: Annotated[int, typer.Option(help=words("cli-bench-searches"), min=100)] = 10_000,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    show(of_country(context, "dci", households=households, searches=searches, seed=seed), as_json)


@MEASURING
def bench_all(
    context: typer.Context, households: Households = MILLION, seed: Seed = 1, as_json: AsJson = False
) -> None:
    found = {}
    for name, measure in everything(context, households, seed):
        note("cli-bench-now", name=name)
        found[name] = measure()
        if not as_json:
            show({name: found[name]}, as_json)
    if as_json:
        show(found, as_json)


def everything(
    context: typer.Context, households: int, seed: int
) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    """Yield each benchmark by its name; the country that one imports is the one that the next decides."""
    yield "rows", partial(rows, context, households, seed)
    yield "engines", partial(engines, context, households, seed)
    yield "audit", partial(audit, context, households, seed)
    with empty_country(context) as profile:
        given = {"profile": profile, "households": households, "seed": seed, "tell": tell}
        yield "import", partial(measure_in("imports"), **given)
        yield "determination", partial(measure_in("determination"), **given)


def of_country(context: typer.Context, name: str, **given: Any) -> dict[str, Any]:
    """Measure in an empty country of its own."""
    with empty_country(context) as profile:
        return measure_in(name)(profile, tell=tell, **given)


def rows(context: typer.Context, households: int, seed: int) -> dict[str, Any]:
    with wiring(context).scratch("bench_rows", with_profile=False):
        return measure_in("rows")(households=households, seed=seed)


def audit(context: typer.Context, rows: int, seed: int) -> dict[str, Any]:
    with wiring(context).scratch("bench_audit", with_profile=False):
        return measure_in("audit")(rows=rows, seed=seed, tell=tell)


def engines(context: typer.Context, households: int, seed: int) -> dict[str, Any]:
    return measure_in("engines")(pairs=households, seed=seed, tell=tell)


def tell(stage: str) -> None:
    """Say what a benchmark is at; the figures alone go to standard output."""
    note("cli-bench-now", name=stage)


@contextmanager
def empty_country(context: typer.Context) -> "Iterator[Profile]":
    """Work in an empty database of its own with the profile installed; it goes afterwards."""
    from amparo.profiles.country import country

    installed = wiring(context)
    with installed.scratch("bench_country"):
        yield country(installed.profile)


def measure_in(name: str) -> Callable[..., dict[str, Any]]:
    """Return the `run` of a file in the folder `bench`, which stands in a checkout only."""
    if not (ROOT / "bench" / f"{name}.py").exists():
        raise Refused("cli-bench-not-here")
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return import_module(f"bench.{name}").run


def show(found: dict[str, Any], as_json: bool) -> None:
    print_line(as_json_text(found))
