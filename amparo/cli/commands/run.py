"""`amparo run …`: a determination in steps, so that somebody can look, and somebody else approve, before it writes."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from amparo.cli.deciding import Full, Programmes, described, planned_values
from amparo.cli.printing import AsJson, Day, as_day, progress, result, words
from amparo.cli.signing_in import acting_person
from amparo.cli.wiring import wiring
from amparo.kernel import clock
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

if TYPE_CHECKING:
    from amparo.programmes.types import Run

Id = Annotated[UUID, typer.Argument(help=words("cli-run-id"))]
As = Annotated[str, typer.Option("--as", help=words("cli-run-as"))]


@charged(Permission.DETERMINE, Permission.TAKE_SNAPSHOT, Permission.OPEN_SNAPSHOT, Permission.READ_FIGURES)
def plan(
    context: typer.Context,
    on: Day = None,
    programme: Programmes = None,
    full: Full = False,
    name: As = "",
    as_json: AsJson = False,
) -> None:
    """Plan as a person, where a programme demands approval; otherwise the operator may plan too."""
    wiring(context).open()
    from amparo.programmes import actions
    from amparo.programmes.config import GROUND
    from amparo.trust.context import acting
    from amparo.trust.types import system

    by = acting_person(name, Permission.DETERMINE) if name else system("determine").narrowed(Permission.DETERMINE)
    with acting(by):
        planned = actions.plan(
            on=as_day(on) or clock.today(), by=by, under=GROUND, programmes=programme or (), is_full=full
        )
    with progress("cli-determine-progress") as tell:
        made = actions.preview(planned.id, by=by, progress=lambda share: tell(round(share * 100), 100))
    result(planned_values(made), as_json=as_json, sentence="cli-run-previewed")


@charged(Permission.APPROVE_RUN)
def approve(context: typer.Context, run: Id, name: As, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.programmes import actions
    from amparo.trust.context import acting

    by = acting_person(name, Permission.APPROVE_RUN)
    with acting(by):
        told(actions.approve(run, by=by), as_json=as_json)


@charged(Permission.DETERMINE, Permission.TAKE_SNAPSHOT, Permission.OPEN_SNAPSHOT)
def execute(context: typer.Context, run: Id, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.programmes import actions
    from amparo.trust.types import system

    with progress("cli-determine-progress") as tell:
        made = actions.execute(run, by=system("determine"), progress=lambda share: tell(round(share * 100), 100))
    result(described(made), as_json=as_json, sentence="cli-determine-done")


@charged(Permission.DETERMINE)
def stop(context: typer.Context, run: Id, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.programmes import actions
    from amparo.trust.types import system

    told(actions.stop(run, by=system("determine"), using="bulk"), as_json=as_json)


@charged()
def list_runs(context: typer.Context, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.programmes.queries import runs

    for each in runs(using="bulk"):
        told(each, as_json=as_json, sentence="cli-run-line")


def told(made: "Run", *, as_json: bool, sentence: str = "cli-run-done") -> None:
    values = {"run": made.id, "on": made.on, "state": made.state, "programmes": list(made.programmes)}
    shown = {"state": words(f"web-run-state-{made.state.value}"), "programmes": ", ".join(made.programmes)}
    result(values, as_json=as_json, sentence=sentence, **shown)
