"""What the machines' door does when the registry learns something: it notes that, for whoever is told of changes."""

from amparo.programmes.types import EnrolmentChanged, StepsTaken, UnitsEnrolled
from amparo.registry.changes import note_change
from amparo.registry.types import BatchRecorded, FactsChanged


def note_changed(event: FactsChanged) -> None:
    """Note whose facts changed, in the same transaction."""
    note_change(households=event.household_ids)


def note_delivered(event: BatchRecorded) -> None:
    """Note that a batch came, in its own transaction: whom it spoke of is found when it is looked at."""
    note_change(delivery=event.delivery_id, using="bulk")


def note_enrolled(event: UnitsEnrolled) -> None:
    """Note that some take part in a programme now, however many: who, the steps of enrolments say."""
    note_change(enrolments=True, using=event.using)


def note_enrolment(event: EnrolmentChanged) -> None:
    """Note that an enrolment was suspended, reinstated or ended."""
    note_change(enrolments=True)


def note_steps(event: StepsTaken) -> None:
    """Note that suspensions and exits took effect."""
    note_change(enrolments=True, using=event.using)
