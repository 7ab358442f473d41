"""Snapshot and determination, with a bar for each: what several commands do."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from amparo.cli.printing import progress, words
from amparo.kernel.errors import Refused

SHARE_DECIMALS = 5
Programmes = Annotated[list[str] | None, typer.Option("--programme", help=words("cli-determine-programme"))]
Full = Annotated[bool, typer.Option("--full", help=words("cli-determine-full"))]

if TYPE_CHECKING:
    from amparo.programmes.types import Engine, Run
    from amparo.snapshot.types import Snapshot


def frozen(*, on: date) -> "Snapshot":
    """Take a snapshot for decisions, with every field that a rule reads."""
    from amparo.programmes.config import GROUND
    from amparo.programmes.freezing import freeze
    from amparo.trust.types import system

    with progress("cli-snapshot-progress") as tell:
        return freeze(on=on, by=system("snapshot"), under=GROUND, progress=lambda export, rows: tell(rows, None))


def _to_decide_from(snapshot: "Snapshot | None", *, on: date, engine: "Engine") -> "Snapshot":
    """Return the snapshot given, or one taken now. An engine that is not there is refused before anything is frozen."""
    from amparo.programmes.planned import engine_version

    engine_version(engine)
    return snapshot or frozen(on=on)


def snapshot_with_id(id: UUID) -> "Snapshot":
    """Return a snapshot that can still be opened."""
    from amparo.snapshot.queries import snapshot

    return snapshot(id)


def engine_named(name: str) -> "Engine":
    from amparo.programmes.types import Engine

    try:
        return Engine(name)
    except ValueError:
        raise Refused("cli-determine-engine-unknown", engine=name, known=[each.value for each in Engine]) from None


def decide(
    *,
    on: date,
    snapshot: "Snapshot | None" = None,
    engine: "Engine | None" = None,
    programmes: Collection[str] = (),
    is_full: bool = False,
) -> "Run":
    """Decide every programme for everybody in a snapshot, taken now unless one is given."""
    from amparo.programmes.actions import determine
    from amparo.programmes.config import GROUND
    from amparo.programmes.types import Engine
    from amparo.trust.types import system

    engine = engine or Engine.COLUMNAR
    taken = _to_decide_from(snapshot, on=on, engine=engine)
    with progress("cli-determine-progress") as tell:
        return determine(
            taken,
            on=on,
            by=system("determine"),
            under=GROUND,
            engine=engine,
            programmes=programmes,
            is_full=is_full,
            progress=lambda share: tell(round(share * 100), 100),
        )


def look_ahead(
    *, on: date, snapshot: "Snapshot | None", engine: "Engine", programmes: Collection[str], is_full: bool
) -> "Run":
    """Plan a run and count what it would change; `amparo run execute` would write it."""
    from amparo.programmes.actions import plan, preview
    from amparo.programmes.config import GROUND
    from amparo.trust.types import system

    by, taken = system("determine"), _to_decide_from(snapshot, on=on, engine=engine)
    planned = plan(
        on=on,
        by=by,
        under=GROUND,
        programmes=programmes,
        snapshot=taken,
        engine=engine,
        is_full=is_full,
        using="bulk",
    )
    with progress("cli-determine-progress") as tell:
        return preview(planned.id, by=by, progress=lambda share: tell(round(share * 100), 100))


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
        "share_true_weighted": next(iter(shares.values())) if len(shares) == 1 else shares,
        "result_hash": run.result_hash,
        "base": run.base,
        "decided_again": run.decided_again,
    }


def planned_values(made: "Run") -> dict[str, Any]:
    """Return what a run would do, with what it would change by programme."""
    from amparo.programmes.queries import previewed
    from amparo.trust.context import acting
    from amparo.trust.types import Permission, system

    by = system("determine").narrowed(Permission.READ_FIGURES)
    with acting(by):
        found = previewed(made.id, [(0, 2**62)], by=by)
    changes: dict[str, dict[str, Any]] = {code: {} for code in made.programmes}
    for each in found:
        changes[each.programme][each.change.value] = {"units": each.units, "before": each.before, "after": each.after}
    return described(made) | {"state": made.state, "needs_approval": made.needs_approval, "changes": changes}
