"""`amparo retention …`: what is due, letting go of it, certificates, and erasing once more after a restore."""

from typing import Annotated
from uuid import UUID

import typer

from amparo.cli.printing import AsJson, Day, as_day, as_json_text, note, print_line, progress, result, words
from amparo.cli.wiring import wiring
from amparo.kernel.messages import message
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

AtOnce = Annotated[int, typer.Option(help=words("cli-retention-at-once"), min=1, max=10_000)]
Erasure = Annotated[UUID | None, typer.Argument(help=words("cli-retention-erasure"))]
SHOWN = 50


@charged(Permission.READ_RETENTION)
def preview(context: typer.Context, on: Day = None, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.trust.keeping import retention
    from amparo.trust.types import system

    found = retention.preview(by=system("retention"), on=as_day(on))
    if as_json:
        print_line(as_json_text({"due": found}))
        return
    for each in found:
        print_line(words("cli-retention-due", schedule=each.schedule, due=each.due))


@charged(Permission.CONFIRM_ERASURE)
def run(context: typer.Context, on: Day = None, at_once: AtOnce = 500, as_json: AsJson = False) -> None:
    """Ctrl-C ends it between two batches' transactions; the next call goes on."""
    wiring(context).open()
    from amparo.trust.keeping import retention
    from amparo.trust.types import system

    with progress("cli-retention-progress") as tell:
        found = retention.run(
            by=system("retention"),
            on=as_day(on),
            at_once=at_once,
            tell=lambda schedule, taken: tell(taken, None),
        )
    if as_json:
        print_line(as_json_text({"taken": found}))
        return
    for each in found:
        print_line(words("cli-retention-taken", **vars(each)))


@charged(Permission.READ_RETENTION)
def certificates(context: typer.Context, erasure: Erasure = None, as_json: AsJson = False) -> None:
    """Without an id the latest ones, a line each; with one the certificate, held to its hash."""
    wiring(context).open()
    from amparo.trust.keeping import certificates as trust

    if erasure is None:
        found = trust.latest(at_most=SHOWN)
        if as_json:
            print_line(as_json_text({"certificates": found}))
            return
        for each in found:
            print_line(words("cli-retention-certificate", **vars(each)))
        return
    told = trust.certificate(erasure)
    if as_json:
        print_line(as_json_text({"certificate": told.certificate, "digest": told.digest}))
        return
    print_line(words("cli-retention-certificate", **vars(told.line)))
    for place in told.certificate["places"]:
        leaves = message(f"trust-leaves-{place['leaves']}")
        print_line(words("cli-retention-place", place=place["place"], erased=place["erased"], leaves=leaves))
    for copy in told.certificate["waiting"]:
        print_line(words("cli-retention-waiting", id=copy["id"], until=copy["until"]))


@charged(Permission.CONFIRM_ERASURE)
def replay(context: typer.Context, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.trust.keeping import replaying
    from amparo.trust.types import system

    count = replaying.replay(by=system("retention"))
    result({"erasures": count}, as_json=as_json, sentence="cli-retention-replayed")
    note("cli-retention-vacuum")
