"""What a plan holds of rules, figures and versions, and whether all of it still is as it was planned."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from importlib.metadata import version

import duckdb
import ibis

from amparo.kernel.errors import NotFound, Refused
from amparo.programmes import models
from amparo.programmes.procedure import restored
from amparo.programmes.rulebook import Rulebook, rulebook
from amparo.programmes.types import Engine
from amparo.snapshot import spark


def wanted(on: date, programmes: Collection[str], *, using: str) -> Rulebook:
    """Return the rules of the named programmes on the day; of all in force where none is named."""
    book = rulebook(on, using=using)
    if unknown := set(programmes) - {each.code for each in book.programmes}:
        raise NotFound("programmes-programme-unknown", programme=sorted(unknown)[0], day=on)
    book = replace(
        book, programmes=tuple(each for each in book.programmes if not programmes or each.code in programmes)
    )
    if not book.programmes:
        raise Refused("programmes-none-on-day", day=on)
    return book


def as_planned(row: models.Determination, *, using: str) -> Rulebook:
    """Return the rules and figures of a planned run. Raises Refused where any of them is another by now."""
    book = wanted(row.on_day, tuple(row.programmes), using=using)
    if (book.versions(), book.figures(), engine_version(Engine(row.engine))) != (
        row.programmes,
        row.parameters,
        row.engine_version,
    ):
        raise Refused("programmes-run-rules-changed")
    return book


def engine_version(engine: Engine) -> str:
    """Return what a run's answers rest on. Raises Refused where the engine is not there."""
    libraries = f" duckdb {duckdb.__version__} ibis {ibis.__version__}" if engine != Engine.REFERENCE else ""
    on_spark = f" spark {spark.version()}" if engine == Engine.SPARK else ""
    return f"amparo {version('amparo')}{libraries}{on_spark}"


def demands_approval(book: Rulebook, using: str) -> bool:
    rows = models.Programme.objects.using(using).filter(id__in=[each.programme_id for each in book.programmes])
    return any(restored(each.procedure).needs_approval for each in rows)
