"""`amparo keys …`: which master keys there are, and changing them while the system works."""

from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from amparo.cli.printing import AsJson, as_json_text, print_line, progress, result, words
from amparo.cli.wiring import wiring
from amparo.kernel.errors import Refused
from amparo.trust.types.charged import charged

if TYPE_CHECKING:
    from amparo.trust.keys.encryption import Suite

Number = Annotated[int, typer.Argument(help=words("cli-keys-number"), min=1, max=255)]
SuiteName = Annotated[str, typer.Option("--suite", help=words("cli-keys-suite"))]
AtOnce = Annotated[int, typer.Option(help=words("cli-keys-at-once"), min=1, max=50_000)]
Rest = Annotated[float, typer.Option(help=words("cli-keys-rest"), min=0, max=100)]


@charged()
def add(context: typer.Context, suite: SuiteName = "aes-256-gcm", as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.trust.keys.rotation import add_key
    from amparo.trust.types import system

    key = add_key(by=system("keys"), suite=suite_named(suite))
    result({"key": key.number, "suite": name_of(key.suite)}, as_json=as_json, sentence="cli-keys-added")


@charged()
def rotate(context: typer.Context, at_once: AtOnce = 2_000, rest: Rest = 1.5, as_json: AsJson = False) -> None:
    """What is left is a refusal: a script that goes on to retire the old key must not believe that all went well.

    Without pauses it takes its share of the machine as anybody does; else whoever works meanwhile comes first.
    """
    installed = wiring(context)
    installed.open()
    from amparo.trust.keys import rotation
    from amparo.trust.keys.yielding import behind_others
    from amparo.trust.types import system

    with progress("cli-keys-progress") as tell, behind_others() if rest else nullcontext():
        done = rotation.rotate(
            installed.sealed,
            by=system("keys"),
            at_once=at_once,
            rest=rest,
            tell=lambda column, done, total: tell(done, total),
        )
    if done.left or not done.is_blinding:
        raise Refused("cli-keys-left", left=done.left, unreadable=sum(done.unreadable.values()))
    values = {"key": done.key, "sealed": done.sealed}
    result(values, as_json=as_json, sentence="cli-keys-rotated", rows=sum(done.sealed.values()))


@charged()
def retire(context: typer.Context, number: Number, as_json: AsJson = False) -> None:
    installed = wiring(context)
    installed.open()
    from amparo.trust.keys import rotation
    from amparo.trust.types import system

    rotation.retire(number, installed.sealed, by=system("keys"))
    result({"key": number}, as_json=as_json, sentence="cli-keys-retired")


@charged()
def list_keys(context: typer.Context, as_json: AsJson = False) -> None:
    """One line for each key, then how many rows rest on each, by column."""
    installed = wiring(context)
    installed.open()
    from amparo.trust.keys.keyring import keys
    from amparo.trust.keys.rotation import resting

    held, rows = keys(using="bulk"), resting(installed.sealed)
    if as_json:
        print_line(as_json_text({"keys": held, "rows": rows}))
        return
    for each in held:
        use = "sealing" if each.is_sealing else "blinding" if each.is_blinding else "waiting"
        shown = {"suite": name_of(each.suite), "day": each.made_at.date(), "use": words(f"cli-keys-use-{use}")}
        print_line(words("cli-keys-line", number=each.number, uses=each.uses, **shown))
        for found in rows:
            if found.number == each.number:
                print_line(words("cli-keys-rows", column=found.column, rows=found.rows))


def suite_named(name: str) -> "Suite":
    from amparo.trust.keys.encryption import Suite

    known = {name_of(each): each for each in Suite}
    if name not in known:
        raise Refused("cli-keys-suite-unknown", suite=name, known=list(known))
    return known[name]


def name_of(suite: "Suite") -> str:
    return suite.name.lower().replace("_", "-")
