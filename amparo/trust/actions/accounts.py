"""What becomes of accounts after they were opened: passwords, sessions, roles that end, the end of the account."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.events import announce
from amparo.trust.eyes import is_same_human
from amparo.trust.identity.first_password import HOLDS, first_password
from amparo.trust.identity.guessing import Attempt, forget, forget_strangers, guessing
from amparo.trust.identity.strength import PASSWORD
from amparo.trust.identity.warning import expect_address, warn_of_guesses
from amparo.trust.identity.weak_passwords import refuse_weak
from amparo.trust.limits import forget_empty
from amparo.trust.log.recording import record
from amparo.trust.machines import replies, taken
from amparo.trust.models import Account, Identity, RoleAssignment
from amparo.trust.types import POWERFUL, Actor, ActorKind, Event
from amparo.trust.types.warned import AccountWarning, Warned


def change_password(account_id: UUID, old: str, new: str, *, by: Actor) -> Account:
    """Change one's own password; every session ends but the one that the caller renews.

    Raises Refused where the old one is wrong (counted as a guess), or the new one short, well known or the same.
    """
    account = _with_password(account_id, old, by)
    refuse_weak(new, account)
    if new == old:
        raise Refused("trust-password-same")
    with transaction.atomic():
        account.set_password(new)
        account.password_until = None
        account.save(update_fields=["password", "password_until"])
        record(Event.PASSWORD_CHANGED, by=by, about_kind="account", about_id=account.id)
        announce(AccountWarning(account.id, Warned.PASSWORD_CHANGED))
    return account


def confirm_password(account_id: UUID, password: str, *, by: Actor) -> None:
    """Give one's own password once more. Raises Refused where it is another; counted as a guess."""
    account = _with_password(account_id, password, by)
    record(Event.FACTOR_GIVEN, by=by, about_kind="account", about_id=account.id, kind=PASSWORD)


def _with_password(account_id: UUID, password: str, by: Actor) -> Account:
    account = _account(account_id)
    if by.id != account.id:
        raise Refused("trust-password-of-another")
    with guessing(Attempt(f"password:{account.id}")) as outcome:
        if account.check_password(password):
            outcome.right()
    warn_of_guesses(account.id, outcome)
    if not outcome.was_right:
        raise Refused("trust-password-wrong")
    return account


@transaction.atomic
def change_email(account_id: UUID, email: str, *, by: Actor) -> None:
    """Say where an account's owner is told what happens to it; nothing takes it back. Both addresses are told.

    One's own, or as an administrator another's. Raises Refused where it is none.
    """
    account = _account(account_id) if by.id == account_id else _of_another(account_id, by)
    expect_address(email)
    former = account.email
    if email == former:
        return
    Account.objects.filter(id=account.id).update(email=email)
    record(Event.EMAIL_CHANGED, by=by, about_kind="account", about_id=account.id, has_one=bool(email))
    announce(AccountWarning(account.id, Warned.EMAIL_CHANGED, former=former))


@transaction.atomic
def give_password(account_id: UUID, *, by: Actor) -> str:
    """Give an account a password made here, which holds for three days and for being changed; return it.

    All sessions end, and failed guesses are forgotten: this is how somebody comes back who can no longer sign in.
    """
    account = _of_another(account_id, by)
    password = first_password()
    account.set_password(password)
    account.password_until = clock.now() + HOLDS
    account.save(update_fields=["password", "password_until"])
    forget(Attempt(f"account:{account.id}"))
    record(Event.PASSWORD_CHANGED, by=by, about_kind="account", about_id=account.id, given=True)
    announce(AccountWarning(account.id, Warned.PASSWORD_GIVEN))
    let_power_wait(account.id, by=by)
    return password


def let_power_wait(account_id: UUID, *, by: Actor) -> None:
    """Let an account's powerful roles wait for a second person, since one alone has changed who can enter it.

    Else an administrator could hand themselves a registry manager's account. An operator's command needs no second one.
    """
    if by.kind is ActorKind.SYSTEM:
        return
    held = RoleAssignment.objects.filter(account_id=account_id, role__in=POWERFUL, is_confirmed=True)
    roles = list(held.values_list("role", flat=True))
    held.update(is_confirmed=False, confirmed_by=None, granted_by=by.id)
    for each in roles:
        record(Event.ROLE_WAITS, by=by, about_kind="account", about_id=account_id, role=each)


@transaction.atomic
def end_sessions(account_id: UUID, *, by: Actor) -> None:
    """Sign an account out everywhere, from the next request on; its browsers are strangers again."""
    account = _account(account_id)
    Account.objects.filter(id=account.id).update(signed_out=F("signed_out") + 1)
    record(Event.SESSIONS_ENDED, by=by, about_kind="account", about_id=account.id)


@transaction.atomic
def sweep(*, by: Actor) -> None:
    """Delete sessions that are over, the guesses of a month ago at names that nobody has, and what machines sent long ago."""
    sessions, _ = Session.objects.filter(expire_date__lt=clock.now()).delete()
    guesses = forget_strangers(before=clock.now() - timedelta(days=30))
    machines = forget_empty() + replies.forget_old() + taken.forget_old(before=clock.now())
    record(Event.SESSIONS_SWEPT, by=by, sessions=sessions, guesses=guesses, machines=machines)


@transaction.atomic
def close_account(account_id: UUID, *, by: Actor, on: date) -> None:
    """Close an account from now on: nobody signs in with it, and what is open in it ends. Its roles end on the day."""
    account = _of_another(account_id, by)
    Account.objects.filter(id=account.id).update(is_active=False, signed_out=F("signed_out") + 1)
    RoleAssignment.objects.filter(account=account, ends_on=None).update(ends_on=on)
    record(Event.ACCOUNT_CLOSED, by=by, about_kind="account", about_id=account.id)


@transaction.atomic
def link_identity(account_id: UUID, issuer: str, subject: str, *, by: Actor) -> None:
    """Let whoever an identity provider calls by this subject enter this account. One subject enters one account."""
    account = _of_another(account_id, by)
    if Identity.objects.filter(issuer=issuer, subject=subject).exists():
        raise Refused("trust-identity-linked")
    Identity.objects.create(account=account, issuer=issuer, subject=subject)
    record(Event.IDENTITY_LINKED, by=by, about_kind="account", about_id=account.id)
    announce(AccountWarning(account.id, Warned.IDENTITY_LINKED))
    let_power_wait(account.id, by=by)


@transaction.atomic
def unlink_identities(account_id: UUID, *, by: Actor) -> None:
    """Let nobody enter this account from elsewhere any more; what is open in it ends."""
    account = _of_another(account_id, by)
    Identity.objects.filter(account=account).delete()
    Account.objects.filter(id=account.id).update(signed_out=F("signed_out") + 1)
    record(Event.IDENTITY_UNLINKED, by=by, about_kind="account", about_id=account.id)
    announce(AccountWarning(account.id, Warned.IDENTITY_UNLINKED))


@transaction.atomic
def bind_person(account_id: UUID, person: UUID | None, *, by: Actor) -> None:
    """Say whom the registry knows an account's owner as; None takes it back. What they read of their own is then watched."""
    account = _of_another(account_id, by)
    Account.objects.filter(id=account.id).update(person_id=person)
    record(Event.ACCOUNT_BOUND, by=by, about_kind="account", about_id=account.id, bound=person is not None)


@transaction.atomic
def confirm_role(assignment_id: int, *, by: Actor) -> None:
    """Confirm a powerful role as somebody other than who gave it and who is to hold it."""
    held = RoleAssignment.objects.select_for_update().filter(id=assignment_id, is_confirmed=False).first()
    if held is None:
        raise NotFound("trust-role-not-held")
    if is_same_human(by, held.granted_by, held.account_id):
        raise Refused("trust-role-confirmed-by-giver")
    held.is_confirmed, held.confirmed_by = True, by.id
    held.save(update_fields=["is_confirmed", "confirmed_by"])
    record(Event.ROLE_CONFIRMED, by=by, about_kind="account", about_id=held.account_id, role=held.role)


@transaction.atomic
def end_role(assignment_id: int, *, by: Actor, on: date) -> None:
    """Let a role be held for the last time the day before; with today, it is gone at the next request."""
    held = RoleAssignment.objects.select_for_update().filter(id=assignment_id).first()
    if held is None:
        raise NotFound("trust-role-not-held")
    if held.ends_on is None or held.ends_on >= on:
        held.ends_on = date.fromordinal(on.toordinal() - 1)
        held.save(update_fields=["ends_on"])
    record(Event.ROLE_ENDED, by=by, about_kind="account", about_id=held.account_id, role=held.role)


def _account(account_id: UUID) -> Account:
    found = Account.objects.filter(id=account_id).first()
    if found is None:
        raise NotFound("trust-account-unknown")
    return found


def _of_another(account_id: UUID, by: Actor) -> Account:
    """Return an account of another human being: what an administrator does to accounts, they do to others'."""
    if is_same_human(by, account_id):
        raise Refused("trust-own-account")
    return _account(account_id)
