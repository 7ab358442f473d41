"""Messages that were kept prove themselves: whole, by the key they came with, and as the sealed log has them."""

import json
from hashlib import sha256
from uuid import uuid4

import pytest
from django.db import connections
from joserfc.jwk import OKPKey

from amparo.dci.codes import Action, Status
from amparo.dci.envelope import Header, answer, request
from amparo.dci.signing import Profile, canonical, sign
from amparo.kernel import clock
from amparo.kernel.errors import NotFound
from amparo.trust.actions.messages import Told, receive_message, sent_message
from amparo.trust.machines.asking import caller_of
from amparo.trust.machines.kept_messages import proved, raw_of
from amparo.trust.machines.peers import peer_of
from amparo.trust.types import system
from tests.lib import agreeing, dci
from tests.lib.agreeing import in_force

BY = system("test")
KEY = OKPKey.generate_key("Ed25519")
KEY = OKPKey.import_key(KEY.as_dict(private=True) | {"kid": KEY.thumbprint()})


@pytest.fixture(scope="module")
def speaking(database):
    """A peer, and the partner that acts through it."""
    agreeing.install()
    made = dci.partner(in_force("kept"), profile="detached-jws")
    made.program.headers()
    return peer_of(made.program.machine), caller_of(made.program.token).acting_under(None)


def told(peer, **changes):
    header = Header(str(uuid4()), clock.now(), Action.SEARCH, peer.sender, dci.US, total_count=1)
    whole = request(header, {"transaction_id": "t-1", "number": "12345678901"} | changes)
    signature = sign(whole, KEY, profile=Profile.DETACHED, sender=peer.sender, now=clock.now())
    return Told(header, whole, signature, "detached-jws", KEY.as_dict(private=False)), json.dumps(
        {"signature": signature, **whole}
    ).encode()


def test_a_message_is_kept_byte_for_byte_and_proves_itself(speaking):
    peer, by = speaking
    message, raw = told(peer)
    id = receive_message(message, raw, peer=peer, by=by)
    assert raw_of(id) == raw
    found = proved(id, by=BY)
    assert (found.whole, found.signed, found.in_log, found.holds) == (True, True, True, True)
    assert (found.key, found.digest) == (KEY.kid, sha256(canonical(message.signed)).hexdigest())
    assert (found.sender, found.message, found.profile) == (peer.sender, message.header.message_id, "detached-jws")


def test_nobody_reads_a_kept_message_in_the_database(speaking):
    peer, by = speaking
    message, raw = told(peer)
    id = receive_message(message, raw, peer=peer, by=by)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT to_jsonb(m)::text FROM trust_keptmessage m WHERE id = %s", [id])
        assert "12345678901" not in cursor.fetchone()[0]


def test_the_machines_door_may_not_read_what_it_kept(speaking):
    from django.db import ProgrammingError, transaction

    with pytest.raises(ProgrammingError), transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SELECT raw FROM trust_keptmessage")


def test_a_message_is_taken_once(speaking):
    peer, by = speaking
    message, raw = told(peer)
    assert receive_message(message, raw, peer=peer, by=by)
    assert receive_message(message, raw, peer=peer, by=by) is None


CHANGES = {
    "another digest": "UPDATE trust_keptmessage SET digest = repeat('0', 64) WHERE id = %s",
    "another signature": "UPDATE trust_keptmessage SET signature = 'eyJhbGciOiJFZERTQSJ9..AAAA' WHERE id = %s",
    "another key": """UPDATE trust_keptmessage SET key = jsonb_set(key, '{x}', '"A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"')
        WHERE id = %s""",
    "no line in the log": "UPDATE trust_audit SET about_id = 'x' WHERE about_id = %s::text AND event = 'message-received'",
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_was_changed_afterwards_is_found(speaking, server, what):
    from amparo.project.databases import connect

    peer, by = speaking
    id = receive_message(*told(peer), peer=peer, by=by)
    name = connections["default"].settings_dict["NAME"]
    with connect(server.server, name) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(CHANGES[what], [str(id)])
    assert not proved(id, by=BY).holds


def test_of_ours_the_receiver_brings_the_message_and_the_digest_proves_it(speaking):
    peer, by = speaking
    header = Header(str(uuid4()), clock.now(), Action.ON_SEARCH, dci.US, peer.sender, status=Status.DONE)
    whole = answer(header, {"transaction_id": "t-1", "name": "Zoe"})
    signature = sign(whole, KEY, profile=Profile.DETACHED, sender=dci.US, now=clock.now())
    id = sent_message(
        Told(header, whole, signature, "detached-jws", KEY.as_dict(private=False)), peer=peer, answers=None, by=by
    )
    alone = proved(id, by=BY)
    assert (alone.whole, alone.signed, alone.holds) == (None, None, True)
    brought = proved(id, by=BY, brought=json.dumps({"signature": signature, **whole}).encode())
    assert (brought.whole, brought.signed, brought.holds) == (True, True, True)
    other = proved(id, by=BY, brought=json.dumps({**whole, "message": {"name": "Ann"}}).encode())
    assert (other.whole, other.signed, other.holds) == (False, False, False)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT to_jsonb(m)::text FROM trust_keptmessage m WHERE id = %s", [id])
        assert "Zoe" not in cursor.fetchone()[0]


def test_a_message_that_was_never_kept_is_none(speaking):
    with pytest.raises(NotFound):
        proved(uuid4(), by=BY)
