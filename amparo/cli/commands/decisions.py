"""`amparo decisions …`: notices for whole programmes, what is due, and whether past decisions still come out the same."""

from typing import Annotated

import typer

from amparo.cli.deciding import Programmes
from amparo.cli.printing import AsJson, Day, as_day, note, result, words
from amparo.cli.wiring import wiring
from amparo.kernel import clock
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

Sample = Annotated[int, typer.Option("--sample", help=words("cli-decisions-sample"))]
Seed = Annotated[int, typer.Option("--seed", help=words("cli-decisions-seed"))]
WRONG = 1


@charged(Permission.GIVE_NOTICE)
def notice(context: typer.Context, programme: Programmes, on: Day = None, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.programmes.actions import give_notices
    from amparo.programmes.config import GROUND
    from amparo.trust.types import system

    day = as_day(on) or clock.today()
    given = give_notices(programme or (), by=system("notices"), under=GROUND, on=day)
    result({"notices": given, "on": day}, as_json=as_json, sentence="cli-decisions-notice-done")


@charged(Permission.DETERMINE)
def take_effect(context: typer.Context, on: Day = None, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.programmes import actions
    from amparo.trust.types import system

    day = as_day(on) or clock.today()
    done = actions.take_effect(on=day, by=system("take-effect"))
    result({"decisions": done, "on": day}, as_json=as_json, sentence="cli-decisions-take-effect-done")


@charged(Permission.DETERMINE, Permission.OPEN_SNAPSHOT)
def check(context: typer.Context, sample: Sample = 1_000, seed: Seed = 1, as_json: AsJson = False) -> None:
    """Ends with status 1 where a decision differs, or something for the worse took effect against the rules."""
    wiring(context).open()
    from amparo.programmes import queries
    from amparo.programmes.config import GROUND
    from amparo.trust.types import system

    found = queries.recompute(queries.sample(sample, seed=seed), by=system("check"), under=GROUND)
    adverse = queries.adverse_effects()
    values = {
        "sample": len(found),
        "same": sum(each.is_same is True for each in found),
        "gone": sum(each.is_same is None for each in found),
        "adverse": adverse.decisions,
        "without_notice": adverse.without_notice,
        "before_their_day": adverse.before_their_day,
    }
    result(values, as_json=as_json, sentence="cli-decisions-check-done")
    if any(each.is_same is False for each in found) or adverse.without_notice or adverse.before_their_day:
        note("cli-decisions-wrong")
        raise typer.Exit(WRONG)
