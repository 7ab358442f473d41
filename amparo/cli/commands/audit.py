"""`amparo audit …`: seal the audit log, prove that it is what was sealed, and tell who was concerned by a breach."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amparo.cli.files import expect_file, written_to
from amparo.cli.printing import AsJson, as_json_text, errors, note, print_line, progress, result, words
from amparo.cli.wiring import wiring
from amparo.kernel import clock, spreadsheets
from amparo.kernel.errors import Refused
from amparo.kernel.messages import message
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

if TYPE_CHECKING:
    from amparo.trust.log.auditing import Act

WRONG = 1
SHOWN_FAULTS = 10
COLUMNS = ("kind", "id", "at", "event", "by", "fields")
TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]

Copies = Annotated[Path | None, typer.Option("--custodian", dir_okay=False, help=words("cli-audit-custodian"))]
Keys = Annotated[Path | None, typer.Option("--keys", dir_okay=False, help=words("cli-audit-keys"))]
Folder = Annotated[Path, typer.Argument(help=words("cli-audit-folder"))]
Since = Annotated[datetime, typer.Option("--since", formats=TIMES, help=words("cli-audit-since"))]
Until = Annotated[datetime, typer.Option("--until", formats=TIMES, help=words("cli-audit-until"))]
Username = Annotated[str, typer.Option("--by", help=words("cli-audit-by"))]
KnownAt = Annotated[datetime | None, typer.Option("--known-at", formats=TIMES, help=words("cli-audit-known-at"))]
Hours = Annotated[int | None, typer.Option("--hours", min=1, help=words("cli-audit-hours"))]
Out = Annotated[Path | None, typer.Option("--out", dir_okay=False, help=words("cli-audit-out"))]


@charged()
def seal(context: typer.Context, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.trust.log import sealing

    result(asdict(sealing.seal()), as_json=as_json, sentence="cli-audit-seal-done")


@charged(Permission.READ_AUDIT)
def verify(context: typer.Context, custodian: Copies = None, keys: Keys = None, as_json: AsJson = False) -> None:
    """Ends with status 1 where anything is wrong, after naming the first of it, and where nobody watches the log."""
    for given in filter(None, (custodian, keys)):
        expect_file(given)
    wiring(context).open()
    from amparo.trust.log.auditing import verified
    from amparo.trust.types import system
    from amparo.trust.watching.lagging import uncounted_since

    with progress("cli-audit-progress") as tell:
        proof = verified(by=system("audit"), copies=custodian, keys=keys, tell=lambda rows: tell(rows, None))
    since = uncounted_since(using="bulk")
    found = asdict(proof) | {"uncounted_since": since}
    result(found, as_json=as_json, sentence="cli-audit-verify-wrong" if proof.wrong else "cli-audit-verify-done")
    for each in proof.faults[:SHOWN_FAULTS]:
        where = (
            message("cli-audit-nowhere") if each.seal is None else message("cli-audit-in-seal", number=str(each.seal))
        )
        row = message("cli-audit-row", id=each.row) if each.row else ""
        what = message(f"cli-audit-fault-{each.kind}")
        errors.print(
            words("cli-audit-fault", what=what, where=where, row=row, position=str(each.position or "")).strip()
        )
    if since:
        errors.print(words("cli-audit-watch-behind", since=since))
    if proof.wrong or since:
        raise typer.Exit(WRONG)


@charged(Permission.READ_AUDIT)
def export(context: typer.Context, folder: Folder, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.trust.log import auditing
    from amparo.trust.types import system

    with written_to(folder):
        rows, seals = auditing.export(folder, by=system("audit"))
    result({"rows": rows, "seals": seals, "folder": str(folder)}, as_json=as_json, sentence="cli-audit-export-done")


@charged()
def new_key(context: typer.Context, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.trust.log.sealing import renew_key
    from amparo.trust.types import system

    result({"key": renew_key(by=system("audit"))}, as_json=as_json, sentence="cli-audit-new-key-done")


@charged(Permission.READ_AUDIT)
def breach(
    context: typer.Context,
    since: Since,
    until: Until,
    by: Username = "",
    known_at: KnownAt = None,
    hours: Hours = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Who was concerned between two times, by one officer's acts or anybody's; and until when they must be told of it."""
    first, last, known = utc(since), utc(until), utc(known_at) if known_at else clock.now()
    if last <= first:
        raise Refused("cli-audit-times", since=first, until=last)
    wiring(context).open()
    from amparo.trust.log.auditing import Asked, acts, wide_acts
    from amparo.trust.queries import account_named
    from amparo.trust.stated import breach_config
    from amparo.trust.types import system

    asked = Asked(by=account_named(by).id if by else None, since=first, until=last)
    report = {
        "since": first,
        "until": last,
        "known_at": known,
        "notify_until": known + timedelta(hours=hours or breach_config().hours),
    }
    counts = {"person": 0, "household": 0}
    listed = _listed(_counted(acts(asked, by=system("audit")), counts), out)
    wide = wide_acts(asked, by=system("audit"))
    report |= {"persons": counts["person"], "households": counts["household"], "wide_acts": wide}
    _show(report, listed, as_json=as_json)


def _listed(acts: Iterable[Any], out: Path | None) -> list[Any]:
    """Return the acts, or write them to a file and return none."""
    if out is None:
        return list(acts)
    with _opened(out) as file:
        write = spreadsheets.writer(file)
        write(COLUMNS)
        for act in acts:
            write((act.kind, act.id, act.at, act.event, act.by_id, " ".join(act.fields or ())))
    return []


def utc(given: datetime) -> datetime:
    return given.replace(tzinfo=UTC)


def _opened(path: Path) -> Any:
    with written_to(path):
        return path.open("x", newline="", encoding="utf-8")


def _counted(found: "Iterator[Act]", counts: dict[str, int]) -> "Iterator[Act]":
    """Pass acts on, which come in order, and count how many different households and persons they are about."""
    last = None
    for act in found:
        counts[act.kind] += (act.kind, act.id) != last
        last = act.kind, act.id
        yield act


def _show(report: dict[str, Any], listed: list[Any], *, as_json: bool) -> None:
    if as_json:
        print_line(as_json_text(report | ({"acts": listed} if listed else {})))
        return
    print_line(words("cli-audit-breach-done", **{**report, "wide_acts": len(report["wide_acts"])}))
    for act in listed:
        told = {"at": act.at.isoformat(), "event": message(f"trust-event-{act.event}"), "id": act.id}
        print_line(words(f"cli-audit-act-{act.kind}", **told))
    for each in report["wide_acts"]:
        note("cli-audit-wide", at=each.at.isoformat(), event=message(f"trust-event-{each.event}"), row=str(each.id))
