"""`amparo determine`: every programme decided for everybody, and the decisions that changed written."""

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from amparo.cli.printing import AsJson, Day, as_day, note, result, words
from amparo.cli.wiring import wiring
from amparo.kernel import clock

if TYPE_CHECKING:
    from amparo.programmes.types import Comparison, Run

SHARE_DECIMALS = 5
Of = Annotated[UUID | None, typer.Option("--snapshot", help=words("cli-determine-snapshot"))]
EngineName = Annotated[str, typer.Option("--engine", help=words("cli-determine-engine"))]
Compare = Annotated[bool, typer.Option("--compare", help=words("cli-determine-compare"))]


def determine(
    context: typer.Context,
    on: Day = None,
    snapshot: Of = None,
    engine: EngineName = "columnar",
    compare: Compare = False,
    as_json: AsJson = False,
) -> None:
    wiring(context).open()
    from amparo.cli.deciding import decide, engine_named, snapshot_with_id

    start = time.monotonic()
    of = snapshot_with_id(snapshot) if snapshot else None
    run = decide(on=as_day(on) or clock.today(), snapshot=of, engine=engine_named(engine))
    values = {**described(run), "seconds": round(time.monotonic() - start, 2)}
    if compare:
        found = compared(run)
        values["compared"] = found
    result(values, as_json=as_json, sentence="cli-determine-done")
    if compare:
        note("cli-determine-compared", equal=found.equal, decisions=found.decisions)


def described(run: "Run") -> dict[str, Any]:
    """Return what a run found, as one flat object; the weighted share is a number where there is one programme."""
    shares = {
        code: share if share is None else round(share, SHARE_DECIMALS)
        for code, share in run.share_true_weighted.items()
    }
    return {
        "run": run.id,
        "snapshot": run.snapshot,
        "on": run.on,
        "engine": run.engine,
        "households": run.households,
        "persons": run.persons,
        **asdict(run.total),
        "programmes": run.counts,
        "quotas": run.quotas,
        "share_true_weighted": next(iter(shares.values())) if len(shares) == 1 else shares,
        "result_hash": run.result_hash,
    }


def compared(run: "Run") -> "Comparison":
    """Decide each household of the snapshot with both engines; return how many units there are and how many agree."""
    from amparo.programmes.actions import cross_check
    from amparo.programmes.config import GROUND
    from amparo.trust.types import system

    return cross_check(run.snapshot, on=run.on, by=system("determine"), under=GROUND)
