"""The child process: reads one file on standard input, and writes what it says of each payment to standard output, a line each.

Run by itself, as `python -I`, and imports nothing of ours. It is given no settings, no credentials and no network. A document type,
an entity or a file of no known kind ends it without a word.
Source  ISO 20022: pain.002.001.10 (status of what was sent), camt.054.001.08 (what was booked)
"""

import csv
import io
import json
import resource
import sys
from collections.abc import Iterator

SECONDS, MEMORY_BYTES = 170, 3 << 30
Line = dict[str, str]
# Statuses of a transaction that are final. What is accepted or pending may yet go either way, and says nothing here.
_FINAL = {"ACSC": "paid", "ACCC": "paid", "RJCT": "error", "CANC": "error"}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    for each in told(content):
        sys.stdout.write(json.dumps(each) + "\n")
    sys.stdout.write('"end"\n')


def told(content: bytes) -> Iterator[Line]:
    """Yield what a file says of each payment."""
    if content.lstrip()[:1] == b"<":
        return _of_xml(content)
    return _of_table(content.decode("utf-8-sig"))


def _line(reference: str, outcome: str, amount: str = "", currency: str = "", day: str = "", reason: str = "") -> Line:
    names = ("reference", "outcome", "amount", "currency", "day", "reason")
    return dict(zip(names, (reference, outcome, amount, currency, day, reason), strict=True))


def _of_table(text: str) -> Iterator[Line]:
    rows = csv.DictReader(io.StringIO(text), strict=True)
    if not {"reference", "outcome"} <= set(rows.fieldnames or ()):
        raise ValueError("no table of payments")
    for row in rows:
        cells = {name: (row.get(name) or "").strip() for name in ("amount", "currency", "day", "reason")}
        yield _line(row["reference"].strip(), row["outcome"].strip(), **cells)


def _of_xml(content: bytes) -> Iterator[Line]:
    """Yield from the one kind or the other, element by element, so that a large file is not held as a tree."""
    from lxml import etree

    parts = {"TxInfAndSts": _of_status, "Ntry": _of_booking}
    read = etree.iterparse(
        io.BytesIO(content), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
    )
    is_known = False
    for event, element in read:
        if element.getroottree().docinfo.doctype:
            raise ValueError("a document type")
        name = etree.QName(element).localname
        is_known = is_known or name in ("CstmrPmtStsRpt", "BkToCstmrDbtCdtNtfctn")
        if event == "end" and name in parts:
            yield from parts[name](element)
            element.clear()
    if not is_known:
        raise ValueError("a file of another kind")


def _text(element, path: str) -> str:
    """Return the text at a path of names, whatever the version of the schema; empty where there is none."""
    found = element.xpath("/".join(f"*[local-name()='{each}']" for each in path.split("/")))
    return (found[0].text or "").strip() if found else ""


def _currency(element, path: str) -> str:
    found = element.xpath("/".join(f"*[local-name()='{each}']" for each in path.split("/")))
    return found[0].get("Ccy", "") if found else ""


def _of_status(element) -> Iterator[Line]:
    outcome = _FINAL.get(_text(element, "TxSts"))
    if outcome is None:
        return
    day = (_text(element, "AccptncDtTm") or _text(element, "FctvIntrBkSttlmDt/Dt"))[:10]
    currency = _currency(element, "OrgnlTxRef/Amt/InstdAmt")
    reason = _text(element, "StsRsnInf/Rsn/Cd")
    yield _line(_text(element, "OrgnlEndToEndId"), outcome, "", currency, day, reason)


def _of_booking(entry) -> Iterator[Line]:
    """A debit was paid, by as much as was booked; a credit with a reason of return came back."""
    day = (_text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm"))[:10]
    for each in entry.xpath("*[local-name()='NtryDtls']/*[local-name()='TxDtls']"):
        reason = _text(each, "RtrInf/Rsn/Cd")
        is_credit = (_text(each, "CdtDbtInd") or _text(entry, "CdtDbtInd")) == "CRDT"
        if is_credit and not reason:
            continue  # money of others
        reference = _text(each, "Refs/EndToEndId")
        amount, currency = _text(each, "Amt"), _currency(each, "Amt")
        yield _line(reference, "returned" if is_credit else "paid", amount, currency, day, reason)


if __name__ == "__main__":
    main()
