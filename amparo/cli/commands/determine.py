"""`amparo determine`: every programme decided for everybody, and the decisions that changed written."""

import time
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from amparo.cli.deciding import Full, Programmes, described
from amparo.cli.printing import AsJson, Day, as_day, note, result, words
from amparo.cli.wiring import wiring
from amparo.kernel import clock
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

if TYPE_CHECKING:
    from amparo.programmes.types import Comparison, Run

Of = Annotated[UUID | None, typer.Option("--snapshot", help=words("cli-determine-snapshot"))]
EngineName = Annotated[str, typer.Option("--engine", help=words("cli-determine-engine"))]
Compare = Annotated[bool, typer.Option("--compare", help=words("cli-determine-compare"))]
Preview = Annotated[bool, typer.Option("--preview", help=words("cli-determine-preview"))]


@charged(Permission.DETERMINE, Permission.TAKE_SNAPSHOT, Permission.OPEN_SNAPSHOT, Permission.READ_FIGURES)
def determine(
    context: typer.Context,
    on: Day = None,
    snapshot: Of = None,
    engine: EngineName = "columnar",
    compare: Compare = False,
    programme: Programmes = None,
    full: Full = False,
    preview: Preview = False,
    as_json: AsJson = False,
) -> None:
    wiring(context).open()
    from amparo.cli.deciding import decide, engine_named, look_ahead, planned_values, snapshot_with_id

    start = time.monotonic()
    of = snapshot_with_id(snapshot) if snapshot else None
    wanted = {"on": as_day(on) or clock.today(), "snapshot": of, "programmes": programme or (), "is_full": full}
    if preview:
        found = planned_values(look_ahead(engine=engine_named(engine), **wanted))
        result(found, as_json=as_json, sentence="cli-run-previewed")
        return
    run = decide(engine=engine_named(engine), **wanted)
    values = {**described(run), "seconds": round(time.monotonic() - start, 2)}
    if compare:
        found = compared(run)
        values["compared"] = found
    result(values, as_json=as_json, sentence="cli-determine-done")
    if compare:
        note("cli-determine-compared", equal=found.equal, decisions=found.decisions)


def compared(run: "Run") -> "Comparison":
    """Decide each household of the snapshot with both engines; return how many units there are and how many agree."""
    from amparo.programmes.actions import cross_check
    from amparo.programmes.config import GROUND
    from amparo.trust.types import system

    return cross_check(run.snapshot, on=run.on, by=system("determine"), under=GROUND)
