"""`amparo round …`: a source asked about everybody in an area, begun by a person, and gone on with here until it is done."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from amparo.cli.printing import AsJson, note, progress, result, words
from amparo.cli.signing_in import acting_person
from amparo.cli.wiring import wiring
from amparo.kernel import clock
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

if TYPE_CHECKING:
    from amparo.sources.types import Round

Area = Annotated[str, typer.Argument(help=words("cli-round-area"))]
Sources = Annotated[list[str] | None, typer.Option("--source", help=words("cli-round-source"))]
Purpose = Annotated[str, typer.Option("--purpose", help=words("cli-round-purpose"))]
As = Annotated[str, typer.Option("--as", help=words("cli-round-person"))]
Id = Annotated[UUID, typer.Argument(help=words("cli-round-id"))]

_AT_A_TIME = 5.0  # seconds of work before it is looked whether somebody stopped it
_WORKS = (Permission.ASK_AREA, Permission.ASK_SOURCES, Permission.DETERMINE, Permission.WORK_CASE)


@charged(*_WORKS)
def start(
    context: typer.Context, area: Area, purpose: Purpose, name: As, source: Sources = None, as_json: AsJson = False
) -> None:
    """Start a round for each source as a person, and ask until all are done. Ended here, the workers go on with them."""
    wiring(context).open()
    from amparo.sources.actions import start_rounds
    from amparo.sources.queries.rounds import askable_sources
    from amparo.trust.context import acting
    from amparo.trust.types import Ground

    by, under, on = acting_person(name, Permission.ASK_AREA), Ground(purpose), clock.today()
    with acting(by):
        askable = askable_sources(by=by, under=under, on=on)
        wanted = source or [each for each, why in askable.items() if why is None]
        made = start_rounds(area, wanted, by=by, under=under, on=on)
    _follow(made, as_json=as_json)


@charged(*_WORKS)
def follow(context: typer.Context, id: Id, name: As = "", as_json: AsJson = False) -> None:
    """Go on with a round until it is done; one that stopped, as a person who may let it go on."""
    wiring(context).open()
    from amparo.sources.actions import resume_round
    from amparo.trust.context import acting

    if name:
        by = acting_person(name, Permission.ASK_AREA)
        with acting(by):
            resume_round(id, by=by)
    _follow([id], as_json=as_json)


@charged(Permission.ASK_AREA)
def stop(context: typer.Context, id: Id, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.sources.actions import stop_round
    from amparo.trust.types import system

    stop_round(id, by=system("round"))
    result({"round": id}, as_json=as_json, sentence="cli-round-stopped")


@charged(Permission.ASK_AREA)
def list_rounds(context: typer.Context, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.sources.queries.rounds import all_rounds
    from amparo.trust.types import system

    for each in all_rounds(by=system("round")):
        _told(each, as_json=as_json, sentence="cli-round-line")


def _follow(rounds: Sequence[UUID], *, as_json: bool) -> None:
    for each in rounds:
        with progress("cli-round-working") as tell:
            done = _until_done(each, lambda round: tell(round.done, max(round.persons, round.done)))
        _told(done, as_json=as_json, sentence="cli-round-done")


def _until_done(id: UUID, tell) -> "Round":
    """Work on a round, beside the workers or alone; where it waits, wait with it."""
    from amparo.sources.actions import work_on
    from amparo.sources.queries.rounds import one_round
    from amparo.sources.types import RoundState
    from amparo.trust.types import system

    found = one_round(id, by=system("round"))
    while found.state is RoundState.RUNNING:
        if not work_on(id, by=system("round"), on=clock.today(), seconds=_AT_A_TIME, tell=tell):
            time.sleep(1)
        found = one_round(id, by=system("round"))
        tell(found)
    return found


def _told(found: "Round", *, as_json: bool, sentence: str) -> None:
    counts = {reason.value: count for reason, count in found.reasons.items()}
    failed = ", ".join(f"{words(f'sources-reason-{reason}')}: {count}" for reason, count in counts.items())
    values = {
        "id": found.id,
        "source": found.source,
        "area": found.area,
        "state": found.state,
        "started_at": found.started_at,
        "persons": found.persons,
        "done": found.done,
        "asked": found.asked,
        "kept": found.kept,
        "counts": dict(found.counts),
        "is_partial": found.is_partial,
        "problem": found.problem and found.problem.id,
    }
    partial = words("cli-round-partial", counts=failed) if counts else words("cli-round-whole")
    shown = {"state": words(f"sources-round-{found.state.value}"), "partial": partial}
    shown |= {"started_at": found.started_at.isoformat(timespec="minutes")}
    result(values, as_json=as_json, sentence=sentence, **shown)
    if found.problem and not as_json:
        note(found.problem.id, **found.problem.values)
