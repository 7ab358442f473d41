"""Bank files: pain.001 out, pain.002 and camt.054 in; the same bytes each time, of just what was signed."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import connections
from lxml import etree

from amparo.kernel.errors import NotPermitted, Refused
from amparo.payments import actions, queries
from amparo.payments.actions.accounts import Given
from amparo.payments.rails import agents, bank_file
from amparo.payments.rails.sending import Due, Sending
from amparo.payments.returned import read
from amparo.payments.types import Check, PaymentState
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib import agreeing, paying
from tests.lib.country import GROUND, household
from tests.lib.paying import BY_BANK, enrolled, rows

NS = {"p": bank_file.NAMESPACE}
SENDING = Sending(
    id="0123-1",
    approved_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
    pays_on=date(2026, 11, 25),
    currency="KES",
    decimals=2,
    programme="hsnp",
    payer=paying.PAYER,
    payments=(
        Due("00000000000197", 2_700_00, "Abdi Noor & Sons <x>", "EQBLKENA", "KE4211112222"),
        Due("00000000000294", 1, "Zeynep Çelik", "EQBLKENA", "TR330006100519786457841326"),
    ),
)


def test_a_file_holds_each_payment_once_and_both_sums():
    root = etree.fromstring(bank_file.written(SENDING))
    amounts = [each.text for each in root.iterfind(".//p:InstdAmt", NS)]
    assert amounts == ["2700.00", "0.01"]
    assert [each.text for each in root.iterfind(".//p:CtrlSum", NS)] == ["2700.01"] * 2
    assert [each.text for each in root.iterfind(".//p:EndToEndId", NS)] == ["00000000000197", "00000000000294"]
    assert root.findtext(".//p:CdtTrfTxInf/p:CdtrAcct/p:Id/p:Othr/p:Id", namespaces=NS) == "KE4211112222"
    assert root.findtext(".//p:CdtTrfTxInf/p:CdtrAcct/p:Id/p:IBAN", namespaces=NS) == "TR330006100519786457841326"


def test_no_programme_and_no_odd_sign_reaches_a_statement():
    text = bank_file.written(SENDING).decode()
    assert "hsnp" not in text
    assert "Abdi Noor   Sons  x" in text


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"<CtrlSum>2700.01", b"<CtrlSum>2700.02", "CtrlSum"),
        (b"<NbOfTxs>2<", b"<NbOfTxs>3<", "NbOfTxs"),
        (b"<PmtMtd>TRF</PmtMtd>", b"", "PmtInf"),
        (b"<EndToEndId>", b"<EndToEndId>" + b"9" * 30, "EndToEndId"),
    ],
)
def test_a_broken_file_is_found_by_its_own_rules(old, new, fault):
    assert bank_file.faults(bank_file.written(SENDING)) == []
    assert fault in bank_file.faults(bank_file.written(SENDING).replace(old, new))


def test_the_agents_table_names_nobody():
    assert agents.written(SENDING).decode().splitlines() == [
        "reference,amount,currency,pays_on",
        "00000000000197,2700.00,KES,2026-11-25",
        "00000000000294,0.01,KES,2026-11-25",
    ]


STATUS = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><OrgnlPmtInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>A</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>B</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC01</Cd></Rsn></StsRsnInf></TxInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>C</OrgnlEndToEndId><TxSts>PDNG</TxSts></TxInfAndSts>
</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"""
BOOKED = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><Ntfctn>
<Ntry><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2026-11-25</Dt></BookgDt><NtryDtls>
<TxDtls><Refs><EndToEndId>A</EndToEndId></Refs><Amt Ccy="KES">27.00</Amt></TxDtls></NtryDtls></Ntry>
<Ntry><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-27</Dt></BookgDt><NtryDtls>
<TxDtls><Refs><EndToEndId>B</EndToEndId></Refs><Amt Ccy="KES">27.00</Amt><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>
<TxDtls><Refs><EndToEndId>OTHER</EndToEndId></Refs><Amt Ccy="KES">9.00</Amt></TxDtls></NtryDtls></Ntry>
</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"""


def test_a_status_report_says_what_is_final_and_no_more():
    found = read(STATUS.encode(), decimals=2)
    assert [(each.reference, each.outcome, each.amount_minor, each.reason) for each in found] == [
        ("A", PaymentState.PAID, None, ""),
        ("B", PaymentState.ERROR, None, "AC01"),
    ]


def test_a_notification_says_what_was_booked_and_what_came_back():
    found = read(BOOKED.encode(), decimals=2)
    assert [(each.reference, each.outcome, each.amount_minor, each.currency, str(each.on_day)) for each in found] == [
        ("A", PaymentState.PAID, 2700, "KES", "2026-11-25"),
        ("B", PaymentState.RETURNED, 2700, "KES", "2026-11-27"),
    ]


# From the account to the file


def person(given: str, family: str) -> tuple:
    home = household("n1", {"given_name": given, "family_name": family, "birth_date": date(1980, 1, 1)})
    return rows(
        "SELECT p.number, p.id FROM registry_person p JOIN registry_membership m ON m.person_id = p.id"
        " WHERE m.household_id = %s",
        home,
    )[0]


def recorded(by, *given: Given) -> tuple[int, int]:
    return actions.record_accounts(given, by=by, under=GROUND)


@pytest.mark.usefixtures("fresh_database")
def test_an_account_is_paid_once_its_holder_is_the_person(cast):
    paying.installed(BY_BANK)
    (one, ada), (other, ben), (_, eve) = person("Ada", "Noor"), person("Ben", "Ali"), person("Eve", "Mar")
    found = recorded(
        cast.paz,
        Given(one, "bank", "EQBLKENA", "111-222", "NOOR, Ada Maria"),
        Given(other, "bank", "EQBLKENA", "333-444", "Somebody Else"),
    )
    assert found == (2, 1)
    enrolled(100, 200, 300, recipients=[ada, ben, eve])
    made = paying.prepared(cast.paz)
    assert (made.payments, made.amount_minor, made.held) == (1, 100, 2)
    assert rows("SELECT DISTINCT check_failed FROM payments_payment WHERE state = 'held'") == [("account-missing",)]
    paying.sent(cast, made)
    ((_, content),) = paying.exported(cast.paz, made)
    assert b"111222" in content
    assert b"NOOR, Ada Maria" in content


@pytest.mark.usefixtures("fresh_database")
def test_an_account_of_two_people_is_held(cast):
    paying.installed(BY_BANK)
    (one, ada), (other, ben) = person("Ada", "Noor"), person("Ben", "Noor")
    recorded(
        cast.paz,
        Given(one, "bank", "EQBLKENA", "111-222", "Ada Noor"),
        Given(other, "bank", "EQBLKENA", "111222", "Ben Noor"),
    )
    enrolled(100, 200, recipients=[ada, ben])
    made = paying.prepared(cast.paz)
    with acting(cast.paz.narrowed(Permission.READ_PAYMENTS)) as by:
        assert {each.check for each in queries.held(made.id, by=by)} == {Check.DUPLICATE_ACCOUNT}


@pytest.mark.usefixtures("fresh_database")
def test_accounts_are_sealed_and_only_payments_officers_record_them(cast):
    paying.installed(BY_BANK)
    number, _ = person("Ada", "Noor")
    given = Given(number, "bank", "EQBLKENA", "111-222", "Ada Noor")
    with pytest.raises(NotPermitted):
        recorded(cast.amina, given)
    recorded(cast.paz, given)
    ((sealed, holder),) = rows("SELECT number, holder FROM payments_account")
    assert b"111222" not in bytes(sealed)
    assert b"Noor" not in bytes(holder)


@pytest.mark.usefixtures("fresh_database")
def test_a_file_made_again_has_the_same_bytes_and_another_part_is_another_file(cast):
    paying.installed()
    enrolled(*range(1, 8))
    made = paying.prepared(cast.paz)
    paying.funded(cast.quinn, 100)
    paying.approved(cast.rosa, actions.propose(made.id, by=cast.paz, under=GROUND))
    first, again = (paying.exported(cast.paz, made, at_once=3) for _ in range(2))
    assert [name for name, _ in first] == [f"poor_home-2026-11-1-{part}.csv" for part in (1, 2, 3)]
    assert first == again
    with acting(cast.paz.narrowed(Permission.READ_PAYMENTS)):
        entered = queries.list_digests(made.id)
    assert [digest for *_, digest in entered] == [hashlib.sha256(content).hexdigest() for _, content in first]
    assert sum(amount for _, _, amount, _ in entered) == sum(range(1, 8))


@pytest.mark.usefixtures("fresh_database")
def test_a_list_whose_payments_are_not_those_that_were_signed_is_not_sent(cast):
    paying.installed()
    enrolled(100)
    made = paying.prepared(cast.paz)
    paying.funded(cast.quinn, 100)
    paying.approved(cast.rosa, actions.propose(made.id, by=cast.paz, under=GROUND))
    with connections["owner"].cursor() as cursor:  # past every trigger, as only whoever owns the tables could
        cursor.execute("ALTER TABLE payments_payment DISABLE TRIGGER stands")
        cursor.execute("ALTER TABLE payments_payment NO FORCE ROW LEVEL SECURITY")
        cursor.execute("UPDATE payments_payment SET amount_minor = 101")
        cursor.execute("ALTER TABLE payments_payment FORCE ROW LEVEL SECURITY")
    with pytest.raises(Refused, match="payments-signature-broken"):
        paying.exported(cast.paz, made)


@pytest.mark.usefixtures("fresh_database")
def test_only_who_exports_takes_an_approved_list_out(cast):
    paying.installed()
    enrolled(100)
    made = paying.prepared(cast.paz)
    with pytest.raises(Refused, match="payments-list-not-so"):
        paying.exported(cast.paz, made)
    for other in (cast.quinn, cast.ines, cast.amina):
        with pytest.raises(NotPermitted):
            paying.exported(other, made)


@pytest.mark.usefixtures("fresh_database")
def test_an_institution_that_collects_is_paid_once_its_accounts_holder_is_it(cast):
    paying.installed(replace(BY_BANK, checks=(Check.IDENTITY_MISSING,)))
    agreeing.install()
    ((water,),) = rows("SELECT id FROM trust_organisation WHERE code = 'water'")
    ((name,),) = rows("SELECT name FROM trust_organisation WHERE code = 'water'")
    enrolled(100, recipients=[water])
    assert paying.prepared(cast.paz).held == 1
    assert recorded(cast.paz, Given("water", "bank", "EQBLKENA", "111-222", "Somebody Else")) == (1, 0)
    assert paying.prepared(cast.paz, cycle="2026-12").held == 1
    assert recorded(cast.paz, Given("water", "bank", "EQBLKENA", "111-222", name)) == (1, 1)
    assert paying.prepared(cast.paz, cycle="2027-01").payments == 1
    for unknown in ("nobody", "ministry"):
        with pytest.raises(Refused, match="payments-account-unsound"):
            recorded(cast.paz, Given(unknown, "bank", "EQBLKENA", "111-222", name))
