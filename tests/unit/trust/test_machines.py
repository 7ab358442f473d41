"""Machines of partners: opened for some agreements, let in by what two people stand for, stopped by one."""

import json

import pytest
from django.db import ProgrammingError, connections, transaction
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from amparo.kernel.errors import NotPermitted, Refused
from amparo.trust.actions.machines import close_machine, confirm_credential, end_credential, register_key
from amparo.trust.context import acting
from amparo.trust.machines.asking import agreement_of, agreements_of, caller, letting_in
from amparo.trust.machines.jose import public_key
from amparo.trust.models import Credential, Machine
from amparo.trust.types import Permission
from tests.lib import agreeing, country
from tests.lib.agreeing import in_force, officer
from tests.lib.machines import confirmed, key_of, opened, secret_of


@pytest.fixture(scope="module")
def agreed(database):
    agreeing.install()
    return in_force("checked")


def step(action, *args, by: str, permission: Permission = Permission.OPEN_MACHINE):
    with acting(officer(by).narrowed(permission)) as who:
        return action(*args, by=who)


def made(machine) -> Credential:
    return Credential.objects.filter(machine=machine).latest("made_at")


def test_a_secret_is_kept_as_its_hash_alone(agreed):
    machine = opened(agreed)
    secret = secret_of(machine.id)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM trust_audit WHERE details::text LIKE %s", [f"%{secret}%"])
        assert cursor.fetchone() == (0,)
    assert secret not in str(vars(made(machine)))
    assert len(secret) >= 43  # 256 bits
    assert secret_of(machine.id) != secret


def test_whoever_made_it_does_not_confirm_it_and_the_database_holds_that_too(agreed):
    machine = opened(agreed)
    secret_of(machine.id, is_confirmed=False)
    row = made(machine)
    with pytest.raises(Refused, match="trust-credential-own"):
        step(confirm_credential, row.id, by="lina")
    assert not letting_in().filter(id=row.id).exists()
    with (
        pytest.raises(Exception, match="one human being"),
        transaction.atomic(using="owner"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE trust_credential SET confirmed_at = now(), confirmed_by = made_by WHERE id = %s", [row.id]
        )
    confirmed(row.id)
    assert letting_in().filter(id=row.id).exists()
    with pytest.raises(Refused, match="trust-credential-settled"):
        step(confirm_credential, row.id, by="keiko")


def test_to_stop_needs_one_and_what_is_stopped_stays_so(agreed):
    machine = opened(agreed)
    secret_of(machine.id)
    row = made(machine)
    step(end_credential, row.id, by="lina", permission=Permission.SUSPEND_AGREEMENT)
    assert not letting_in().filter(id=row.id).exists()
    secret_of(machine.id)
    step(close_machine, machine.id, by="lina", permission=Permission.SUSPEND_AGREEMENT)
    assert not letting_in().filter(machine=machine).exists()
    with pytest.raises(Refused, match="trust-machine-closed"):
        secret_of(machine.id)
    for statement in (
        "UPDATE trust_credential SET ended_at = NULL, ended_by = NULL WHERE machine_id = %s AND ended_at IS NOT NULL",
        "UPDATE trust_machine SET closed_at = NULL, closed_by = NULL WHERE id = %s",
        "UPDATE trust_machine SET agreements = '{other}' WHERE id = %s",
        "UPDATE trust_credential SET secret_hash = 'x' WHERE machine_id = %s AND kind = 'secret'",
        "DELETE FROM trust_credential WHERE machine_id = %s",
    ):
        with (
            pytest.raises(ProgrammingError),
            transaction.atomic(using="owner"),
            connections["owner"].cursor() as cursor,
        ):
            cursor.execute(statement, [machine.id])


def test_the_web_can_neither_change_a_machine_nor_make_a_credential_without_acting(agreed):
    for statement in (
        "INSERT INTO trust_credential SELECT * FROM trust_credential",
        "UPDATE trust_credential SET confirmed_at = now()",
        "UPDATE trust_machine SET agreements = '{}'",
        "DELETE FROM trust_machine",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute(statement)


def test_a_machine_is_opened_for_its_own_partners_agreements_only(agreed):
    other = in_force("waters", consumer="water")
    second = in_force("second")
    machine = opened(agreed, also=["second"])
    assert machine.agreements == ["checked", "second"]
    for also in (["waters"], ["nothing"]):
        with pytest.raises(Refused, match="trust-machine-agreements"):
            opened(agreed, also=also)
    who = asking(machine)
    assert [each.id for each in agreements_of(who, on=country.DAY)] == [agreed, second]
    for code in ("waters", "nothing"):
        with pytest.raises(Refused, match="trust-agreement-unknown"):
            agreement_of(who, code, on=country.DAY)
    assert other


def asking(machine: Machine):
    secret_of(machine.id)
    return caller(letting_in().filter(machine=machine).latest("made_at"))


def test_a_renewal_keeps_the_machine_and_a_draft_of_one_is_nothing_to_it(agreed):
    first = in_force("renewed")
    who = asking(opened(first))
    drafted = agreeing.draft("renewed", succeeds=first)
    assert agreement_of(who, "renewed", on=country.DAY).id == first
    from amparo.trust.types import Side

    agreeing.sign(drafted, Side.PROVIDER, by="jamal")
    agreeing.sign(drafted, Side.CONSUMER, by="keiko")
    assert agreement_of(who, "renewed", on=country.DAY).id == drafted


@pytest.mark.parametrize("name", ["amina", "bruno", "emre", "hana", "ines"])
def test_nobody_else_opens_a_machine(agreed, name):
    with pytest.raises(NotPermitted):
        opened(agreed, by=name)


def jwk(key, *, private: bool = False) -> str:
    return json.dumps(key.as_dict(private=private))


def test_of_a_key_only_what_makes_it_one_is_kept(agreed):
    key = OKPKey.generate_key("Ed25519")
    kept = public_key(json.dumps(key.as_dict(private=False) | {"kid": "mine", "x5u": "http://x", "use": "enc"}))
    assert kept == {"crv": "Ed25519", "kty": "OKP", "x": kept["x"], "kid": key.thumbprint()}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (lambda: jwk(OKPKey.generate_key("Ed25519"), private=True), "trust-key-private"),
        (lambda: jwk(RSAKey.generate_key(2048), private=True), "trust-key-private"),
        (lambda: jwk(ECKey.generate_key("P-384")), "trust-key-unfit"),
        (lambda: jwk(OKPKey.generate_key("X25519")), "trust-key-unfit"),
        (lambda: jwk(RSAKey.generate_key(1024)), "trust-key-unfit"),
        (lambda: jwk(OctKey.generate_key(256), private=True), "trust-key-unreadable"),
        (lambda: "{}", "trust-key-unreadable"),
        (lambda: "[]", "trust-key-unreadable"),
        (lambda: "x", "trust-key-unreadable"),
        (lambda: '{"kty": "EC"}', "trust-key-unreadable"),
        (lambda: '{"kty": ["EC"]}', "trust-key-unreadable"),
        (lambda: '{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}', "trust-key-unreadable"),
        (lambda: '{"kty": "RSA", "n": 1, "e": 2}', "trust-key-unreadable"),
    ],
    ids=range(13),
)
def test_what_is_no_public_key_of_a_kind_that_is_taken_is_refused(text, reason):
    with pytest.raises(Refused, match=reason):
        public_key(text())


def test_a_key_is_registered_once(agreed):
    machine = opened(agreed)
    key = key_of(machine.id)
    with pytest.raises(Refused, match="trust-key-known"):
        step(register_key, machine.id, jwk(key), by="lina")
