"""`amparo payment …`: a list from its making to what came back. Each step is a person's, who signs in; files lie where they say."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from amparo.cli.printing import AsJson, Day, as_day, result, words
from amparo.cli.signing_in import acting_person
from amparo.cli.wiring import wiring
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.money import Money, to_minor
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

if TYPE_CHECKING:
    from amparo.payments.types import PaymentList, PaymentReturn
    from amparo.trust.types import Actor

As = Annotated[str, typer.Option("--as", help=words("cli-run-as"))]
ListId = Annotated[UUID, typer.Argument(help=words("cli-payment-list-id"))]
Programme = Annotated[str, typer.Argument(help=words("cli-payment-programme"))]
Cycle = Annotated[str, typer.Option(help=words("cli-payment-cycle"))]
File = Annotated[Path, typer.Argument(help=words("cli-payment-file"), exists=True, dir_okay=False)]


@charged(Permission.PREPARE_PAYMENTS, Permission.WORK_CASE)
def make_list(
    context: typer.Context, programme: Programme, name: As, cycle: Cycle = "", on: Day = None, as_json: AsJson = False
) -> None:
    """Make the list of a cycle: the one that the day is in, unless another is named."""
    by = _person(context, name, Permission.PREPARE_PAYMENTS)
    from amparo.payments import actions, queries
    from amparo.payments.config import GROUND
    from amparo.payments.cycles import cycle_on

    day = as_day(on) or clock.today()
    _, terms = queries.terms_of(programme, using="bulk")
    asked = cycle or cycle_on(terms, day).name
    _told(actions.prepare(programme, asked, by=by, under=GROUND, on=day), as_json)


@charged(Permission.PREPARE_PAYMENTS)
def propose(context: typer.Context, list_id: ListId, name: As, as_json: AsJson = False) -> None:
    by = _person(context, name, Permission.PREPARE_PAYMENTS)
    from amparo.payments import actions
    from amparo.payments.config import GROUND

    _told(actions.propose(list_id, by=by, under=GROUND), as_json)


@charged(Permission.PREPARE_PAYMENTS, Permission.WORK_CASE)
def withdraw(context: typer.Context, list_id: ListId, name: As, as_json: AsJson = False) -> None:
    by = _person(context, name, Permission.PREPARE_PAYMENTS)
    from amparo.payments import actions
    from amparo.payments.config import GROUND

    actions.withdraw(list_id, by=by, under=GROUND)
    result({"list": list_id}, as_json=as_json, sentence="cli-payment-withdrawn")


@charged(Permission.APPROVE_PAYMENTS)
def approve(context: typer.Context, list_id: ListId, name: As, as_json: AsJson = False) -> None:
    by = _person(context, name, Permission.APPROVE_PAYMENTS)
    from amparo.payments import actions
    from amparo.payments.config import GROUND
    from amparo.trust.context import acting

    with acting(by):
        _told(actions.approve(list_id, by=by, under=GROUND), as_json)


@charged(Permission.EXPORT_PAYMENTS)
def export(
    context: typer.Context,
    list_id: ListId,
    folder: Annotated[Path, typer.Argument(help=words("cli-payment-folder"), exists=True, file_okay=False)],
    name: As,
    as_json: AsJson = False,
) -> None:
    """Write the files of an approved list, readable by nobody else."""
    by = _person(context, name, Permission.EXPORT_PAYMENTS)
    from amparo.payments import actions
    from amparo.payments.config import GROUND
    from amparo.trust.context import acting

    written = []
    with acting(by):
        for file, content in actions.export(list_id, by=by, under=GROUND):
            place = folder / file
            place.touch(mode=0o600)
            place.write_bytes(content)
            written.append(str(place))
    result({"list": list_id, "files": written}, as_json=as_json, sentence="cli-payment-exported", count=len(written))


@charged(Permission.EXPORT_PAYMENTS)
def send(context: typer.Context, list_id: ListId, name: As, as_json: AsJson = False) -> None:
    """Let an approved list go to who pays by itself; the worker hands it over."""
    by = _person(context, name, Permission.EXPORT_PAYMENTS)
    from amparo.payments import actions
    from amparo.payments.config import GROUND

    _told(actions.send(list_id, by=by, under=GROUND), as_json)


@charged(Permission.RECONCILE_PAYMENTS)
def reconcile(context: typer.Context, list_id: ListId, file: File, name: As, as_json: AsJson = False) -> None:
    """Take in a file that came back. One that contradicts what is known counts for nothing."""
    by = _person(context, name, Permission.RECONCILE_PAYMENTS)
    from amparo.payments import actions
    from amparo.payments.config import GROUND
    from amparo.trust.context import acting

    with acting(by):
        received = actions.receive(list_id, file.read_bytes(), by=by, under=GROUND)
    _told_return(actions.settle(received.id, by=by, under=GROUND), as_json)


@charged(Permission.RECONCILE_PAYMENTS)
def override(
    context: typer.Context,
    return_id: Annotated[UUID, typer.Argument(help=words("cli-payment-return-id"))],
    name: As,
    as_json: AsJson = False,
) -> None:
    by = _person(context, name, Permission.RECONCILE_PAYMENTS)
    from amparo.payments import actions
    from amparo.payments.config import GROUND

    _told_return(actions.override(return_id, by=by, under=GROUND), as_json)


@charged(Permission.APPROVE_PAYMENTS)
def funds(
    context: typer.Context,
    programme: Programme,
    amount: Annotated[str, typer.Argument(help=words("cli-payment-amount"))],
    document: Annotated[str, typer.Argument(help=words("cli-payment-document"))],
    name: As,
    as_json: AsJson = False,
) -> None:
    by = _person(context, name, Permission.APPROVE_PAYMENTS)
    from amparo.payments import actions, queries
    from amparo.payments.config import GROUND
    from amparo.registry.queries import dictionary
    from amparo.trust.context import acting

    with acting(by):
        words_of = dictionary()
        actions.record_funds(programme, to_minor(amount, words_of.decimals), document, by=by, under=GROUND)
        available = queries.available_minor(programme)
    values = {"programme": programme, "available_minor": available}
    shown = Money(available, words_of.currency, words_of.decimals)
    result(values, as_json=as_json, sentence="cli-payment-funds-done", available=shown)


@charged(Permission.RECORD_ACCOUNTS)
def accounts(context: typer.Context, file: File, name: As, as_json: AsJson = False) -> None:
    """Record accounts from a table: person, scheme, institution, number, holder."""
    by = _person(context, name, Permission.RECORD_ACCOUNTS)
    from amparo.payments import actions
    from amparo.payments.actions.accounts import Given
    from amparo.payments.config import GROUND

    with file.open(newline="", encoding="utf-8-sig") as stream:
        try:
            given = [Given(_whom(each.pop("person")), **each) for each in csv.DictReader(stream, strict=True)]
        except (KeyError, AttributeError, TypeError, ValueError, csv.Error):
            raise Refused("cli-payment-accounts-unreadable", file=file.name) from None
    recorded, verified = actions.record_accounts(given, by=by, under=GROUND)
    result({"accounts": recorded, "verified": verified}, as_json=as_json, sentence="cli-payment-accounts-done")


def _whom(told: str) -> int | str:
    """Return a person's number, or the code of an institution that collects."""
    return int(told) if told.strip().isdecimal() else told.strip()


@charged(Permission.PREPARE_PAYMENTS)
def adjust(
    context: typer.Context,
    enrolment: Annotated[UUID, typer.Argument(help=words("cli-payment-enrolment"))],
    kind: Annotated[str, typer.Argument(help=words("cli-payment-kind"))],
    amount: Annotated[str, typer.Argument(help=words("cli-payment-amount"))],
    law: Annotated[str, typer.Argument(help=words("cli-payment-law"))],
    name: As,
    as_json: AsJson = False,
) -> None:
    """Propose arrears, a top-up, a recovery or a deduction; another person confirms it."""
    by = _person(context, name, Permission.PREPARE_PAYMENTS)
    from amparo.payments import actions
    from amparo.payments.config import GROUND
    from amparo.payments.types import LineKind
    from amparo.registry.queries import dictionary
    from amparo.trust.context import acting

    if kind not in list(LineKind):
        raise Refused("cli-payment-kind-unknown", kind=kind, known=[each.value for each in LineKind])
    with acting(by):
        minor = to_minor(amount, dictionary().decimals)
        made = actions.propose_adjustment(enrolment, LineKind(kind), minor, law=law, by=by, under=GROUND)
    result({"adjustment": made}, as_json=as_json, sentence="cli-payment-adjusted")


@charged(Permission.APPROVE_PAYMENTS)
def confirm(
    context: typer.Context,
    adjustment: Annotated[UUID, typer.Argument(help=words("cli-payment-adjustment"))],
    name: As,
    as_json: AsJson = False,
) -> None:
    by = _person(context, name, Permission.APPROVE_PAYMENTS)
    from amparo.payments import actions
    from amparo.payments.config import GROUND
    from amparo.trust.context import acting

    with acting(by):
        actions.confirm_adjustment(adjustment, by=by, under=GROUND)
    result({"adjustment": adjustment}, as_json=as_json, sentence="cli-payment-confirmed")


def _person(context: typer.Context, name: str, permission: Permission) -> "Actor":
    wiring(context).open()
    return acting_person(name, permission)


def _told(made: "PaymentList", as_json: bool) -> None:
    values: dict[str, Any] = {
        "list": made.id,
        "programme": made.programme,
        "cycle": made.cycle,
        "part": made.part,
        "state": made.state,
        "payments": made.payments,
        "amount_minor": made.amount_minor,
        "held": made.held,
        "hands": made.hands,
    }
    result(values, as_json=as_json, sentence="cli-payment-list-told", state=made.state.words)


def _told_return(made: "PaymentReturn", as_json: bool) -> None:
    values = {"return": made.id, "state": made.state, "lines": made.lines, "conflicts": made.conflicts}
    result(
        values,
        as_json=as_json,
        sentence="cli-payment-return-told",
        id=made.id,
        state=made.state.words,
        conflicts=sum(made.conflicts.values()),
    )
