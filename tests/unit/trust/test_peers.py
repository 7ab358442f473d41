"""As whom a machine sends is stated by one and confirmed by another; nothing else lets records go to an address."""

import json

import pytest
from django.db import IntegrityError, ProgrammingError, connections, transaction
from joserfc.jwk import RSAKey

from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.trust.actions.machines import close_machine
from amparo.trust.actions.peers import confirm_peer, end_peer, name_peer
from amparo.trust.context import acting
from amparo.trust.machines.peers import peer_of
from amparo.trust.models import Audit, Peer
from amparo.trust.types import Permission
from tests.lib import agreeing, dci, machines
from tests.lib.agreeing import in_force, officer


@pytest.fixture(scope="module")
def agreed(database):
    agreeing.install()
    return in_force("spoken")


@pytest.fixture
def machine(agreed):
    return machines.opened(agreed)


def confirm(id, *, by: str):
    with acting(officer(by).narrowed(Permission.OPEN_MACHINE)) as who:
        return confirm_peer(id, by=who)


def name(machine, by: str = "lina", sender: str = "a.example.org", **more):
    with acting(officer(by).narrowed(Permission.OPEN_MACHINE)) as who:
        return name_peer(machine.id, sender, by=who, **more)


def end(id):
    with acting(officer("lina").narrowed(Permission.SUSPEND_AGREEMENT)) as who:
        return end_peer(id, by=who)


def test_nothing_holds_before_a_second_person_confirms_it(machine):
    made = name(machine, sender="first.example.org", callback="https://first.example.org/registry/")
    assert peer_of(machine.id) is None
    with pytest.raises(Refused, match="trust-peer-own"):
        confirm(made.id, by="lina")
    confirm(made.id, by="jamal")
    found = peer_of(machine.id)
    assert (found.sender, found.callback) == ("first.example.org", "https://first.example.org/registry")
    events = Audit.objects.using("bulk").filter(about_id=machine.id, event__startswith="peer-")
    assert sorted(events.values_list("event", flat=True)) == ["peer-confirmed", "peer-named"]


def test_the_newest_that_was_confirmed_holds_and_the_one_before_ends(machine):
    first = dci.peer(machine.id, sender="changing.example.org")
    second = dci.peer(machine.id, sender="changing.example.org", profile="attached-jws")
    assert peer_of(machine.id).id == second
    assert Peer.objects.get(id=first).ended_at
    end(second)
    assert peer_of(machine.id) is None
    assert Audit.objects.using("bulk").filter(about_id=machine.id, event="peer-ended").count() == 2
    with pytest.raises(Refused, match="trust-peer-settled"):
        end(second)


def test_two_machines_do_not_send_as_one(agreed, machine):
    dci.peer(machine.id, sender="one.example.org")
    made = name(machines.opened(agreed), sender="one.example.org")
    with pytest.raises(Refused, match="trust-peer-taken"):
        confirm(made.id, by="jamal")


WRONG = {
    "no sender": ({"sender": ""}, "trust-peer-sender"),
    "a line in it": ({"sender": "a\nb"}, "trust-peer-sender"),
    "a way to sign that is none": ({"profile": "rot13"}, "trust-peer-profile"),
    "an address with a name before the host": ({"callback": "https://a@b.example/"}, "trust-peer-callback"),
    "an address that is no place": ({"callback": "javascript:alert(1)"}, "trust-peer-callback"),
    "a key that is none": ({"sealing": "{}"}, "trust-key-unreadable"),
    "a key that is small": (
        {"sealing": json.dumps(RSAKey.generate_key(1024).as_dict(private=False))},
        "trust-key-unfit",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_is_refused(machine, what):
    changes, reason = WRONG[what]
    with pytest.raises(Refused, match=reason):
        name(machine, **changes)


def test_a_machine_that_must_sign_says_how(agreed):
    with pytest.raises(Refused, match="trust-peer-profile"):
        name(machines.opened(agreed, must_sign=True))


def test_a_machine_that_is_closed_or_none_speaks_for_nobody(agreed, machine):
    with acting(officer("lina").narrowed(Permission.SUSPEND_AGREEMENT)) as who:
        close_machine(machine.id, by=who)
    with pytest.raises(Refused, match="trust-machine-closed"):
        name(machine)
    with pytest.raises(NotFound):
        end(machine.id)


def test_who_does_not_open_machines_names_no_peer(machine, cast):
    with pytest.raises(NotPermitted):
        name_peer(machine.id, "a.example.org", by=cast.amina)


CHANGES = [
    "UPDATE trust_peer SET callback = 'https://elsewhere.example' WHERE id = %s",
    "UPDATE trust_peer SET confirmed_at = NULL, confirmed_by = NULL WHERE id = %s",
    "DELETE FROM trust_peer WHERE id = %s",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_the_database_lets_nobody_change_what_was_stated(machine, statement):
    id = dci.peer(machine.id, sender=f"{machine.id}.example.org")
    for alias in ("owner", "bulk"):
        with pytest.raises(ProgrammingError), transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute(statement, [id])


def test_the_database_lets_nobody_confirm_their_own(machine):
    made = name(machine, sender="own.example.org")
    confirmed = "UPDATE trust_peer SET confirmed_at = now(), confirmed_by = made_by WHERE id = %s"
    with pytest.raises(IntegrityError), transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(confirmed, [made.id])
