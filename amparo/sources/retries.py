"""What is to be asked again by itself: of what may be kept, each source that failed, for each household (VIR-1).

Units   after the times of `DELAYS`, one after the other; then it is left until somebody opens the file again
Nulls   what may be kept nowhere is not asked for again: nobody would see it
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from amparo.kernel import clock
from amparo.registry.types import HouseholdRecord
from amparo.sources.filing import Heard
from amparo.sources.models import Retry
from amparo.sources.types import FAULTS, Caching, ConnectionConfig, Reason
from amparo.trust.types import Ground

DELAYS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
PASSING = FAULTS | {Reason.RESTING}


def keepable(config: ConnectionConfig) -> ConnectionConfig | None:
    """Return a connection with only those fields of which something may be kept; None where that is none."""
    kept = tuple(each for each in config.attributes if each.caching is not Caching.NONE)
    return replace(config, attributes=kept) if kept else None


def queue(record: HouseholdRecord, configs: Mapping[str, ConnectionConfig], heard: Heard, *, under: Ground) -> None:
    """Write down which sources to ask again about a household, and forget those that answered."""
    failed = set()
    for (source, _), answer in heard.answers.items():
        kept = keepable(configs[source])
        names = {each.name for each in kept.attributes} if kept else set()
        if any(name in names and reason in PASSING for name, reason in answer.reasons.items()):
            failed.add(source)
    held = {each.source: each for each in Retry.objects.filter(household_id=record.id)}
    answered = {source for source, _ in heard.answers} - failed
    Retry.objects.filter(household_id=record.id, source__in=answered).delete()
    for source in sorted(failed):
        _again(record, source, held.get(source), under)


def queue_told(household: UUID, config: ConnectionConfig, *, area_number: int, under: Ground) -> bool:
    """Have a source asked at once about a household of which it told that something changed; whether there is what to ask."""
    if keepable(config) is None:
        return False
    Retry.objects.update_or_create(
        household_id=household,
        source=config.source,
        defaults={
            "area_number": area_number,
            "purpose": under.purpose,
            "attempts": 0,
            "is_told": True,
            "next_at": clock.now(),
        },
    )
    return True


def anew(config: ConnectionConfig) -> ConnectionConfig:
    """Return a connection by which is asked for what was heard today too."""
    return replace(config, attributes=tuple(replace(each, days=-1) for each in config.attributes))


def _again(record: HouseholdRecord, source: str, held: Retry | None, under: Ground) -> None:
    row = held or Retry(household_id=record.id, source=source, purpose=under.purpose)
    if row.attempts >= len(DELAYS):
        row.delete()
        return
    row.area_number, row.next_at = record.area_number, clock.now() + DELAYS[row.attempts]
    row.attempts += 1
    row.save()
