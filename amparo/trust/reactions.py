"""What trust does when one of its own acts is to be followed by a job."""

from functools import partial

from django.db import transaction

from amparo.trust.tasks import erase_person
from amparo.trust.types.erasures import ErasureConfirmed


def erase_confirmed(event: ErasureConfirmed) -> None:
    """Have the worker erase somebody, as soon as the confirmation is committed."""
    transaction.on_commit(partial(erase_person.defer, erasure_id=str(event.id)))
