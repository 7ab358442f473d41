"""A bank file: ISO 20022 customer credit transfer initiation, pain.001.001.09.

Shape   one group header, one payment information block in one currency from one account, a transaction for each payment
Units   amounts in major units with the currency's decimals; a sum of all in the header and in the block
Errors  Refused where the file's own rules do not hold in it (`faults`), and where a programme states no account to pay from
Source  ISO 20022, pain.001.001.09; the schema itself is not in the project, so that its order, its cardinalities, its lengths
        and its sums are checked by the table below
"""

import io
import re
from collections.abc import Iterator

from lxml import etree

from amparo.kernel.errors import Refused
from amparo.kernel.money import to_major
from amparo.payments.rails.sending import Due, Sending

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_TEXT = 70  # signs of a name in the guidelines of most banks; the schema allows 140
# Signs that every bank takes (ISO 20022's own allow more); others become a space.
_ODD = re.compile(r"[^\w/\-?:().,'+ ]", re.UNICODE)
# What must stand where, in this order, and the longest text of each: path in a block, and its least and most numbers.
_WANTED = {
    "GrpHdr": ("MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"),
    "PmtInf": (
        *("PmtInfId", "PmtMtd", "NbOfTxs", "CtrlSum", "PmtTpInf", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt"),
        *("ChrgBr", "CdtTrfTxInf"),
    ),
    "CdtTrfTxInf": ("PmtId", "Amt", "CdtrAgt", "Cdtr", "CdtrAcct", "RmtInf"),
}
_LONGEST = {"MsgId": 35, "PmtInfId": 35, "EndToEndId": 35, "InstrId": 35, "Nm": 140, "Id": 34, "Ustrd": 140}


def written(sending: Sending) -> bytes:
    """Return the file. Written again from the same list it has the same bytes."""
    if sending.payer is None:
        raise Refused("payments-payer-missing", programme=sending.programme)
    document = etree.Element("Document", nsmap={None: NAMESPACE})
    initiation = _put(document, "CstmrCdtTrfInitn")
    header = _put(initiation, "GrpHdr")
    _put(header, "MsgId", sending.id)
    _put(header, "CreDtTm", sending.approved_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    _put_sums(header, sending)
    _put(_put(header, "InitgPty"), "Nm", _plain(sending.payer.name))
    _put_block(initiation, sending)
    content = etree.tostring(document, xml_declaration=True, encoding="UTF-8")
    if found := faults(content):
        raise Refused("payments-file-unsound", faults=found[:5])
    return content


def _put_block(initiation: etree._Element, sending: Sending) -> None:
    payer = sending.payer
    assert payer is not None
    block = _put(initiation, "PmtInf")
    _put(block, "PmtInfId", sending.id)
    _put(block, "PmtMtd", "TRF")
    _put_sums(block, sending)
    _put(_put(_put(block, "PmtTpInf"), "CtgyPurp"), "Cd", "GOVT")
    _put(_put(block, "ReqdExctnDt"), "Dt", sending.pays_on.isoformat())
    _put(_put(block, "Dbtr"), "Nm", _plain(payer.name))
    _put_account(_put(block, "DbtrAcct"), payer.account)
    _put(_put(_put(block, "DbtrAgt"), "FinInstnId"), "BICFI", payer.institution)
    _put(block, "ChrgBr", "SLEV")
    for each in sending.payments:
        _put_payment(block, each, sending)


def _put_payment(block: etree._Element, due: Due, sending: Sending) -> None:
    transfer = _put(block, "CdtTrfTxInf")
    ids = _put(transfer, "PmtId")
    _put(ids, "InstrId", due.reference)
    _put(ids, "EndToEndId", due.reference)
    amount = _put(_put(transfer, "Amt"), "InstdAmt", str(to_major(due.amount_minor, sending.decimals)))
    amount.set("Ccy", sending.currency)
    agent = _put(_put(_put(transfer, "CdtrAgt"), "FinInstnId"), "Othr")
    _put(agent, "Id", due.institution)
    _put(_put(transfer, "Cdtr"), "Nm", _plain(due.holder))
    _put_account(_put(transfer, "CdtrAcct"), due.number)
    # What stands on somebody's statement names no programme: whoever sees it learns nothing of their situation.
    _put(_put(transfer, "RmtInf"), "Ustrd", due.reference)


def _put_account(parent: etree._Element, number: str) -> None:
    id = _put(parent, "Id")
    if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", number):
        _put(id, "IBAN", number)
    else:
        _put(_put(id, "Othr"), "Id", number)


def _put_sums(parent: etree._Element, sending: Sending) -> None:
    _put(parent, "NbOfTxs", str(len(sending.payments)))
    _put(parent, "CtrlSum", str(to_major(sending.amount_minor, sending.decimals)))


def _put(parent: etree._Element, tag: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}")
    element.text = text
    return element


def _plain(name: str) -> str:
    return _ODD.sub(" ", name)[:_TEXT].strip()


def faults(content: bytes) -> list[str]:
    """Return what is wrong with a file by its own rules: what is missing or out of order, too long, or does not add up."""
    read = etree.iterparse(io.BytesIO(content), resolve_entities=False, no_network=True)
    root = [element for _, element in read][-1]
    found = [*_out_of_order(root), *_too_long(root)]
    amounts = root.findall(f".//{{{NAMESPACE}}}InstdAmt")
    cents = sum(int((each.text or "0").replace(".", "")) for each in amounts)
    for each in root.iter(f"{{{NAMESPACE}}}NbOfTxs"):
        found += [] if int(each.text or 0) == len(amounts) else ["NbOfTxs"]
    for each in root.iter(f"{{{NAMESPACE}}}CtrlSum"):
        found += [] if int((each.text or "0").replace(".", "")) == cents else ["CtrlSum"]
    return found


def _out_of_order(root: etree._Element) -> Iterator[str]:
    for block, wanted in _WANTED.items():
        for element in root.iter(f"{{{NAMESPACE}}}{block}"):
            tags = list(dict.fromkeys(etree.QName(each).localname for each in element))
            if tags != list(wanted):
                yield block


def _too_long(root: etree._Element) -> Iterator[str]:
    for tag, longest in _LONGEST.items():
        for element in root.iter(f"{{{NAMESPACE}}}{tag}"):
            if len(element) == 0 and not 1 <= len(element.text or "") <= longest:
                yield tag
