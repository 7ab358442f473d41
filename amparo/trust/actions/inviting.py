"""How a person gets an account: invited at the office by somebody who saw who they are, and opened by themselves.

Nobody registers themselves by knowing a number: numbers of persons are known to many, to employers and to relatives, and
whoever knew one could read where somebody lives and what they live on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.db.utils import ProgrammingError

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.trust.actions import open_account
from amparo.trust.identity import invitations
from amparo.trust.identity.invitations import Slip, code_digest, detail_digests
from amparo.trust.identity.weak_passwords import refuse_weak
from amparo.trust.log.recording import record
from amparo.trust.models import Account, Identity, Invitation
from amparo.trust.reached import expect_reached
from amparo.trust.scope import within
from amparo.trust.types import Actor, Event, Ground, Permission


@dataclass(frozen=True)
class Proof:
    """The document by which an officer knew somebody: its kind, and its number where it has one."""

    kind: str
    number: str = ""


@transaction.atomic
def invite(person_id: UUID, *, details: Sequence[str], proof: Proof, by: Actor, under: Ground) -> str:
    """Make a code for a person who stands before the officer, and return it this once; one made before opens nothing more.

    `details`  what is known of the person that they are asked for beside the code: their birth date, numbers of theirs
    Raises Refused where nothing of the kind is known: a code alone, found in the street, must not open a record.
    """
    by = by.narrowed(Permission.INVITE_CITIZEN)
    code = invitations.new_code()
    digests = detail_digests(code, details)
    if not digests:
        raise Refused("trust-invitation-no-detail")
    if not proof.kind:
        raise Refused("trust-proof-missing")
    expect_reached(person_id, by)
    now = clock.now()
    within(Invitation.objects.filter(person_id=person_id, taken_at=None, until__gt=now), by).update(until=now)
    row = Invitation(
        person_id=person_id,
        code_digest=code_digest(code),
        detail_digests=digests,
        proof=proof.kind,
        proof_number=proof.number,
        made_by=by.id,
        made_at=now,
        until=now + invitations.HOLDS,
    )
    row.save(force_insert=True)
    told = {"proof": proof.kind, "until": row.until.date().isoformat()}
    record(Event.CITIZEN_INVITED, by=by, under=under, about_kind="person", about_id=person_id, **told)
    return code


@transaction.atomic
def accept_with_password(
    given: Slip, username: str, password: str, *, by: Actor, display_name: str = "", is_demo: bool = False
) -> Account:
    """Open an account for the person invited, entered by a name and password of their own choice."""
    refuse_weak(password, Account(username=username))
    account = open_account(username, password, display_name=display_name or username, by=by, is_demo=is_demo)
    _bind(given, account, by=by)
    return account


@transaction.atomic
def accept_with_identity(given: Slip, issuer: str, subject: str, *, by: Actor) -> Account:
    """Open an account for the person invited, entered through the identity provider alone."""
    if Identity.objects.filter(issuer=issuer, subject=subject).exists():
        raise Refused("trust-identity-linked")
    account = Account(username=f"citizen-{given.code_digest[:20]}", opened_at=clock.now())
    account.display_name = account.username
    account.set_unusable_password()
    account.save()
    record(Event.ACCOUNT_OPENED, by=by, about_kind="account", about_id=account.id, demo=False)
    Identity.objects.create(account=account, issuer=issuer, subject=subject)
    _bind(given, account, by=by)
    return account


@transaction.atomic
def shut_out(person_id: UUID, *, by: Actor, under: Ground) -> bool:
    """End a person's own account and open slips at once: somebody else uses it. Return whether there was an account.

    Raises NotFound outside the actor's areas.
    """
    by = by.narrowed(Permission.INVITE_CITIZEN)
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute("SELECT amparo_close_citizen(%s)", [person_id])
                (closed,) = cursor.fetchone()
        except ProgrammingError:  # outside the areas, as the database itself finds
            raise NotFound("registry-person-unknown") from None
    told = {"about_kind": "person", "about_id": person_id, "had_account": closed is not None}
    record(Event.CITIZEN_SHUT_OUT, by=by, under=under, **told)
    return closed is not None


def _bind(given: Slip, account: Account, *, by: Actor) -> None:
    """Bind a new account to the person of the invitation; one that they had before is closed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person, former FROM amparo_bind_citizen(%s, %s, %s)",
            [given.code_digest, given.detail_digest, account.id],
        )
        person, former = cursor.fetchone()
    record(Event.CITIZEN_BOUND, by=by, about_kind="person", about_id=person, account=str(account.id))
    if former:
        Account.objects.filter(id=former).update(is_active=False, signed_out=F("signed_out") + 1)
        record(Event.ACCOUNT_CLOSED, by=by, about_kind="account", about_id=former)
