"""`amparo snapshot`: everything that rules read, frozen at one instant, encrypted."""

import typer

from amparo.cli.printing import AsJson, Day, as_day, result
from amparo.cli.wiring import wiring
from amparo.kernel import clock
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged


@charged(Permission.TAKE_SNAPSHOT)
def snapshot(context: typer.Context, on: Day = None, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.cli.deciding import frozen

    taken = frozen(on=as_day(on) or clock.today())
    values = {
        "snapshot": taken.id,
        "on": taken.on,
        "taken_at": taken.taken_at,
        "grade": taken.grade,
        "retain_until": taken.retain_until,
        "exports": taken.exports,
    }
    rows = taken.exports["households"].rows
    result(values, as_json=as_json, sentence="cli-snapshot-done", households=rows)
