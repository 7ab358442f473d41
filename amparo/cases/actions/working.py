"""What is done about a case until it is over: by the table of moves, one audit row each.

Errors  NotFound outside the actor's areas and for what is sensitive to others; Refused for a move that is not in the table
        from where the case stands, for one without words where it needs some, and to whoever must be another human being
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from amparo.cases import models
from amparo.cases.config import REPLY_DAYS
from amparo.cases.holding import expect_move, held
from amparo.cases.moves import Move
from amparo.cases.queries.reading import case_of
from amparo.cases.sight import own, seen
from amparo.cases.types import Act, Case, Kind, Said
from amparo.cases.writing import add_step, change, note, writing
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.payments import actions as payments
from amparo.registry.own import expect_own
from amparo.trust.queries import account_with_id, actor_of
from amparo.trust.types import Actor, ActorKind, Event, Ground, Permission

# Of these another function knows what else is done.
_ELSEWHERE = frozenset({Act.HAND_ON, Act.HEAR, Act.REPLY, Act.EXECUTE, Act.APPLY})
# With these what the case is about is decided too: whether it is paid.
PAYS = {Act.RELEASE: True, Act.WITHHOLD: False}


@transaction.atomic
def act_on(id: UUID, act: Act, *, permission: Permission, words: str, by: Actor, under: Ground) -> Case:
    """Do one thing about a case, under the permission by which one is let in; return it as it stands then."""
    if act in _ELSEWHERE:
        raise Refused("cases-move-not-possible", act=act.value)
    by = by.narrowed(permission)
    row = held(id, by)
    move = expect_move(row, act, words, by)
    if act is Act.CONFIRM:
        _expect_heard(row)
    more = {"owner": by.id} if act in (Act.TAKE, Act.BEGIN_REVIEW) else {}
    change(row, move.to, by=by, **more)
    if act in PAYS:
        payments.decide_held_in_case(row.payment_id, pays=PAYS[act], by=by, under=under)
    return _stepped(row, move, Said(words), by, under)


@transaction.atomic
def hand_on(id: UUID, *, to: UUID, words: str, by: Actor, under: Ground) -> Case:
    """Make somebody else the owner of a case. Raises Refused where they could not work on it there."""
    by = by.narrowed(Permission.WORK_CASE)
    row = held(id, by)
    move = expect_move(row, Act.HAND_ON, words, by)
    wanted = Permission.REVIEW_APPEAL if row.kind == Kind.APPEAL else Permission.WORK_CASE
    _expect_works_there(to, row, wanted)
    change(row, None, by=by, owner=to)
    return _stepped(row, move, Said(words), by, under)


@transaction.atomic
def hear(id: UUID, *, words: str, by: Actor, under: Ground) -> Case:
    """Tell somebody what is held against them, and until when they may answer; from now on they see the case."""
    by = by.narrowed(Permission.WORK_CASE)
    row = held(id, by)
    move = expect_move(row, Act.HEAR, words, by)
    if row.person_id is None:
        raise Refused("cases-nobody-to-hear")
    until = clock.today() + timedelta(days=REPLY_DAYS)
    change(row, move.to, by=by, told_at=row.told_at or clock.now(), reply_until=until)
    return _stepped(row, move, Said(words), by, under)


@transaction.atomic
def reply(id: UUID, act: Act, *, words: str, by: Actor, under: Ground) -> None:
    """Take down what a citizen says in a case of theirs, or that they withdraw it."""
    by = by.narrowed(Permission.DECIDE_OWN)
    if by.kind is not ActorKind.CITIZEN or act not in (Act.REPLY, Act.WITHDRAW):
        raise NotPermitted("cases-not-a-citizen")
    expect_own(by)
    if not own(by).filter(id=id).exists():
        raise NotFound("cases-case-unknown")
    with writing(by):
        row = models.Case.objects.select_for_update(of=("self",)).get(id=id)
        move = expect_move(row, act, words, by)
        change(row, move.to, by=by)
        add_step(row, act, Said(words), by_id=by.id, is_told=True)
        note(Event.CASE_STEP, row, by, under, act=act.value, state=row.state)


def _stepped(row: models.Case, move: Move, said: Said, by: Actor, under: Ground) -> Case:
    add_step(row, move.act, said, by_id=by.id, is_told=move.is_told)
    note(Event.CASE_STEP, row, by, under, act=move.act.value, state=row.state)
    return case_of(row)


def _expect_heard(row: models.Case) -> None:
    """Nobody is found to have done something before they were asked, and had their time to answer."""
    if row.told_at is None or row.reply_until is None:
        raise Refused("cases-not-heard")
    if row.reply_until >= clock.today() and not row.steps.filter(act=Act.REPLY.value).exists():
        raise Refused("cases-reply-waited-for", day=row.reply_until)


def _expect_works_there(account: UUID, row: models.Case, wanted: Permission) -> None:
    other = actor_of(account_with_id(account), on=clock.today())
    if not other.has(wanted) or not seen(other.narrowed(wanted)).filter(id=row.id).exists():
        raise Refused("cases-not-their-work")
