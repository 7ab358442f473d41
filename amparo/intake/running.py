"""One run of a batch, from its last whole phase to its end. What it must remember stands in its row and its folder."""

import json
from collections.abc import Callable
from time import monotonic
from typing import Any

from django.db import transaction

from amparo.intake import folder, models, quarantining, stamp
from amparo.intake.types import Phase, State
from amparo.intake.work import Work
from amparo.kernel import clock
from amparo.kernel.errors import Refused, Stopped
from amparo.registry.batch import Staged, drop_staging, holds, record_batch
from amparo.trust.types import Actor, Ground

Tell = Callable[[str, int], None]
_EVERY_SECONDS = 1.0
_STALE = "registry-batch-stale"


class Run:
    """The phases in their order, each written down once it is whole."""

    def __init__(self, row: models.Batch, work: Work, by: Actor, tell: Tell) -> None:
        self.row, self.work, self.by, self.outer = row, work, by, tell
        self._told = 0.0
        work.tell, work.is_stopped = self.tell, self.is_stopped

    def go(self) -> dict[str, Any]:
        """Return the receipt. Raises Refused, or Stopped when that was asked."""
        again = {"is_stop_asked": False} if self.row.state == State.STOPPED.value else {}
        self._update(state=State.WORKING.value, refusal=None, finished_at=None, **again)
        try:
            self.expect_go_on()
            if stamp.begin(self.row.id):
                self._update(phase=Phase.RECEIVED.value, rows=0)
            self.whole(Phase.READ, sum(each.read.rows for each in self.work.files))
            counted = self._noted("validated", self.work.validate)
            self.whole(Phase.VALIDATED, counted["rows"]["delivered"])
            receipt = self.taken_over(counted)
        finally:
            self.work.close()
        folder.remove(self.row.id)
        return receipt

    def taken_over(self, counted: dict[str, Any]) -> dict[str, Any]:
        """Stage and apply; again, where somebody registered the same in the meantime."""
        for last in (False, False, True):
            try:
                staged = self.stage()
                self.whole(Phase.STAGED, sum(differ(staged["added"])))
                return self.apply(receipt_of(self.row, self.work, counted, staged["added"]), staged)
            except Refused as refused:
                if last or refused.message.id != _STALE:
                    raise
                self._forget("staged")
        raise AssertionError("the last try returns or raises")

    def stage(self) -> dict[str, Any]:
        """Compare and stage, unless an earlier try did and its tables still hold what it filled in."""
        held = self._note("staged")
        if held and holds(self.staged(held["stood"]), held["rows"]):
            return held
        stood, added = self.work.compare()
        rows = self.work.stage(self.staged(stood)) if adds(added) else {}
        return self._write_note("staged", {"stood": stood, "added": added, "rows": rows})

    def staged(self, stood: dict[str, int]) -> Staged:
        return self.work.staged(self.token, self.row.digest, stood)

    def apply(self, receipt: dict[str, Any], staged: dict[str, Any]) -> dict[str, Any]:
        """Record the batch, its quarantine and its receipt in one transaction; return the receipt."""
        ground = Ground(self.row.purpose, self.row.agreement or None)
        with transaction.atomic(using="bulk"):
            if adds(staged["added"]):
                tables = self.staged(staged["stood"])
                counts = record_batch(tables, self.work.new, self.work.said, by=self.by, under=ground, on=clock.today())
                receipt |= {"delivery": counts.delivery_id, "registry": counts.details}
                drop_staging(self.token)
            quarantining.write(self.work.store, self.row.id, self.work.files)
            receipt |= {"state": State.DONE.value, "finished_at": clock.now().isoformat()}
            self._update(
                state=State.DONE.value,
                phase=Phase.APPLIED.value,
                receipt=receipt,
                delivery_id=receipt.get("delivery"),
                finished_at=clock.now(),
            )
        return receipt

    @property
    def token(self) -> str:
        return folder.token(self.row.id)

    def whole(self, phase: Phase, rows: int) -> None:
        """Write down that a phase is whole, and stop here if that was asked."""
        self._update(phase=phase.value, rows=rows)
        self.outer(phase.value, rows)
        self.expect_go_on()

    def tell(self, phase: str, rows: int) -> None:
        """Show progress; at most once a second in the row, where others see it."""
        self.outer(phase, rows)
        if monotonic() - self._told >= _EVERY_SECONDS:
            self._told = monotonic()
            self._update(rows=rows)

    def expect_go_on(self) -> None:
        if self.is_stopped():
            raise Stopped("intake-stopped")

    def is_stopped(self) -> bool:
        return models.Batch.objects.using("bulk").filter(id=self.row.id, is_stop_asked=True).exists()

    def _update(self, **values: Any) -> None:
        models.Batch.objects.using("bulk").filter(id=self.row.id).update(**values)

    def _noted(self, phase: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what a phase came to, from its note if it was whole before."""
        return self._note(phase) or self._write_note(phase, work())

    def _note(self, phase: str) -> dict[str, Any] | None:
        path = folder.of(self.row.id) / f"{phase}.json"
        return json.loads(path.read_text()) if path.exists() else None

    def _forget(self, phase: str) -> None:
        (folder.of(self.row.id) / f"{phase}.json").unlink(missing_ok=True)

    def _write_note(self, phase: str, said: dict[str, Any]) -> dict[str, Any]:
        """Notes are renamed into place: one that was half written when a worker died is no note."""
        path = folder.of(self.row.id) / f"{phase}.json"
        half = path.with_suffix(".half")
        half.write_text(json.dumps(said))
        half.replace(path)
        return said


def adds(added: dict[str, Any]) -> bool:
    """Whether anything delivered is new to the registry."""
    return any(differ(added))


def differ(added: dict[str, Any]) -> list[int]:
    """How many of each kind are new, and changed."""
    return [added[grain][what] for grain in ("households", "persons", "items") for what in ("new", "changed")]


def receipt_of(row: models.Batch, work: Work, counted: dict[str, Any], added: dict[str, Any]) -> dict[str, Any]:
    """Return the receipt: what was delivered, taken in and set aside, and what that adds to the registry."""
    merged = {grain: {**counted.get(grain, {}), **counts} for grain, counts in added.items()}
    return {
        "batch": str(row.id),
        "mapping": row.mapping_name,
        "source": row.source,
        "observed_on": row.observed_on and row.observed_on.isoformat(),
        "purpose": row.purpose,
        "digest": row.digest,
        "already_delivered": False,
        "files": work.receipt_files(),
        **counted,
        **merged,
    }
