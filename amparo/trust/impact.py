"""Reads of the impact assessment: answers, versions, signatures, and whether one holds for what is done today."""

from amparo.trust.eyes import humans
from amparo.trust.models import ImpactAnswer, ImpactAssessment
from amparo.trust.types import Role

SIGNERS = 2


def answers() -> dict[str, str]:
    """Return question → what was answered last."""
    rows = ImpactAnswer.objects.order_by("question", "-id").distinct("question")
    return dict(rows.values_list("question", "words"))


def latest_assessment() -> ImpactAssessment | None:
    return ImpactAssessment.objects.prefetch_related("signatures").order_by("-number").first()


def latest_signed() -> ImpactAssessment | None:
    """Return the newest version that was signed off; None where none was."""
    rows = ImpactAssessment.objects.prefetch_related("signatures").order_by("-number")
    return next((each for each in rows if is_signed(each)), None)


def is_signed(version: ImpactAssessment) -> bool:
    """Whether two people have signed, one of them as data protection officer."""
    signed = list(version.signatures.all())
    roles = {each.role for each in signed}
    signers = set(humans(each.by_id for each in signed).values())
    return len(signers) >= SIGNERS and Role.DATA_PROTECTION_OFFICER.value in roles


def holds(digest: str) -> bool:
    """Whether what is stated today, by its digest, is what was signed off last."""
    signed = latest_signed()
    return signed is not None and signed.digest == digest
