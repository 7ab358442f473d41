"""The impact assessment: questions answered, a version laid down, signed by two, and the installation taken live with it."""

from typing import Any

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.trust import impact
from amparo.trust.eyes import is_same_human
from amparo.trust.log.recording import record
from amparo.trust.models import ImpactAnswer, ImpactAssessment, ImpactSignature, Stage
from amparo.trust.stage import is_live
from amparo.trust.types import PERMISSIONS, QUESTIONS, Actor, ActorKind, Event, Permission, Role


@transaction.atomic
def answer_question(question: str, words: str, *, by: Actor) -> None:
    """Answer what no program can know. Earlier answers stay; where the words are the same nothing is written."""
    by = by.narrowed(Permission.ASSESS_IMPACT)
    if question not in QUESTIONS or not words.strip():
        raise Refused("trust-impact-question")
    if impact.answers().get(question) == words.strip():
        return
    row = ImpactAnswer.objects.create(question=question, words=words.strip(), at=clock.now(), by_id=by.id)
    record(Event.IMPACT_ANSWERED, by=by, about_kind="impact", about_id=row.id, question=question)


@transaction.atomic
def lay_down(content: dict[str, Any], digest: str, *, by: Actor) -> ImpactAssessment:
    """Lay down what is stated now as the next version, to be signed; the same content makes no second one.

    Raises Refused while a question is open.
    """
    by = by.narrowed(Permission.ASSESS_IMPACT)
    if any(not content["answers"].get(each) for each in QUESTIONS):
        raise Refused("trust-impact-open")
    newest = impact.latest_assessment()
    if newest is not None and newest.digest == digest:
        return newest
    number = newest.number + 1 if newest else 1
    row = ImpactAssessment.objects.create(
        number=number, content=content, digest=digest, laid_down_at=clock.now(), laid_down_by=by.id
    )
    record(Event.IMPACT_LAID_DOWN, by=by, about_kind="impact", about_id=number, digest=digest)
    return row


@transaction.atomic
def sign_assessment(number: int, *, digest: str, by: Actor) -> ImpactAssessment:
    """Sign a version off: a data protection officer and a second person. `digest` is of what is stated today.

    Raises Refused where the version is not the newest or something has changed since, and NotPermitted to whoever signed already.
    """
    by = by.narrowed(Permission.SIGN_IMPACT)
    if by.kind is not ActorKind.OFFICER:
        raise NotPermitted("trust-impact-signed-by-people")
    row = ImpactAssessment.objects.filter(number=number).first()
    if row is None:
        raise NotFound("trust-impact-unknown")
    if row.digest != digest or row != impact.latest_assessment():
        raise Refused("trust-impact-stale", number=number)
    if is_same_human(by, *row.signatures.values_list("by_id", flat=True)):
        raise NotPermitted("trust-impact-signed-already")
    role = _role_of(by)
    ImpactSignature.objects.create(assessment=row, by_id=by.id, role=role.value, at=clock.now())
    record(Event.IMPACT_SIGNED, by=by, about_kind="impact", about_id=number, role=role.value, digest=digest)
    return row


def _role_of(by: Actor) -> Role:
    """Return as what somebody signs; as data protection officer where they are one."""
    held = [each.role for each in by.grants if Permission.SIGN_IMPACT in PERMISSIONS[each.role]]
    return Role.DATA_PROTECTION_OFFICER if Role.DATA_PROTECTION_OFFICER in held else held[0]


@transaction.atomic
def go_live(*, digest: str, by: Actor) -> None:
    """Take the installation live: from now on it may reach people and partners. There is no way back to a trial.

    `digest` is of what is stated today. Raises Refused where just that was not signed off; the database refuses it as well.
    """
    by = by.narrowed(Permission.GO_LIVE)
    if is_live():
        raise Refused("trust-live-already")
    signed = impact.latest_signed()
    if signed is None or not impact.holds(digest):
        raise Refused("trust-live-unsigned" if signed is None else "trust-live-stale")
    Stage.objects.create(is_live=True, at=clock.now(), by_id=by.id, assessment=signed)
    record(Event.WENT_LIVE, by=by, about_kind="impact", about_id=signed.number, digest=digest)
