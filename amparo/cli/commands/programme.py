"""`amparo programme …`: enrolment of everybody who is potentially eligible, and the steps whose day has come."""

from typing import Annotated

import typer

from amparo.cli.printing import AsJson, Day, as_day, result, words
from amparo.cli.wiring import wiring
from amparo.kernel import clock
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

Code = Annotated[str, typer.Argument(help=words("cli-programme-code"))]
Area = Annotated[str, typer.Option("--area", help=words("cli-programme-area"))]


@charged(Permission.ENROL)
def enrol(context: typer.Context, code: Code, area: Area = "", on: Day = None, as_json: AsJson = False) -> None:
    """Says so where nobody was enrolled."""
    wiring(context).open()
    from amparo.programmes.actions import enrol_many
    from amparo.programmes.config import GROUND
    from amparo.programmes.publishing import BULK
    from amparo.trust.types import system

    day = as_day(on) or clock.today()
    found = enrol_many(code, by=system("enrol"), under=GROUND, on=day, area=area or None, using=BULK)
    values = {"programme": code, "units": found.units, "households": found.households, "free": found.free, "on": day}
    result(
        values, as_json=as_json, sentence="cli-programme-enrol-done" if found.units else "cli-programme-enrol-nobody"
    )


@charged(Permission.ENROL)
def steps(context: typer.Context, on: Day = None, as_json: AsJson = False) -> None:
    """Does what was noticed and confirmed, on or after its day, and ends suspensions whose day has come."""
    wiring(context).open()
    from amparo.programmes.actions import take_steps
    from amparo.trust.types import system

    day = as_day(on) or clock.today()
    done = take_steps(on=day, by=system("enrolment"))
    result({**done, "on": day}, as_json=as_json, sentence="cli-programme-steps-done")
