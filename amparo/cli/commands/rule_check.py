"""`amparo rule check FILE`: whether a text is a rule of the profile's language, and what it would read."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amparo.cli.files import read_text
from amparo.cli.printing import AsJson, Day, as_day, errors, result, words
from amparo.cli.wiring import wiring
from amparo.kernel.clock import today
from amparo.kernel.messages import message
from amparo.programmes.config import Unit
from amparo.trust.types.charged import charged

if TYPE_CHECKING:
    from amparo.rules.model.rule import Rule, RuleRefused

File = Annotated[Path, typer.Argument(help=words("cli-rule-check-file"))]
RuleUnit = Annotated[Unit, typer.Option("--unit", help=words("cli-rule-check-unit"))]
Amount = Annotated[bool, typer.Option("--amount", help=words("cli-rule-check-amount"))]


@charged()
def rule_check(
    context: typer.Context,
    file: File,
    unit: RuleUnit = Unit.HOUSEHOLD,
    amount: Amount = False,
    on: Day = None,
    as_json: AsJson = False,
) -> None:
    text = read_text(file)
    if file.suffix == ".toml":
        stated = checked_stated(file, text, wiring(context).profile)
        result(
            stated, as_json=as_json, sentence="cli-rule-check-stated", kind=message(f"rules-stated-{stated['kind']}")
        )
        return
    rule, figures = checked(
        text, wiring(context).profile, unit, "money" if amount else "boolean", as_day(on) or today()
    )
    values = {
        "file": str(file),
        "unit": rule.unit,
        "reads": sorted(f"{grain}.{field}" for grain, field in rule.reads),
        "parameters": {name: str(value) for name, value in figures.items()},
        "steps": rule.cost,
        "hash": rule.hash,
    }
    shown = {"unit": message(f"cli-unit-{unit.value}"), "reads": values["reads"] or None}
    result(values, as_json=as_json, sentence="cli-rule-check-done", **shown)


def checked(text: str, profile: str, unit: Unit, gives: str, on: date) -> tuple["Rule", dict[str, object]]:
    """Return the rule and the figures it uses on the day. Raises RuleRefused after showing where it goes wrong."""
    from amparo.profiles.cases import figures
    from amparo.profiles.country import country
    from amparo.programmes.catalogue import catalogue
    from amparo.rules.check import check
    from amparo.rules.model.rule import RuleRefused

    read = country(profile)
    known = figures(read)
    try:
        rule = check(text, catalogue(read.dictionary), known, unit.value, gives)
    except RuleRefused as refusal:
        point_at(text, refusal)
        raise
    return rule, {name: known.on(on)[name].value for name in sorted(rule.on(on).parameters)}


def checked_stated(file: Path, text: str, profile: str) -> dict[str, object]:
    """Return what a decision table or scoring model is. Raises RuleRefused with line and column in the file."""
    from amparo.profiles.cases import figures
    from amparo.profiles.country import country
    from amparo.profiles.reading.stated import read_one
    from amparo.programmes.catalogue import catalogue
    from amparo.rules.check.stated import check_model, check_table
    from amparo.rules.contents import SCORE, TABLE, Table

    read = country(profile)
    content = read_one(text, file.name, read.dictionary)
    is_table = isinstance(content, Table)
    found = check_table(content) if is_table else check_model(content, catalogue(read.dictionary), figures(read))
    for _, refusal in found:
        refusal = placed(text, refusal)
        point_at(text, refusal)
        raise refusal
    kind = TABLE if is_table else SCORE
    return {"file": str(file), "kind": kind, "name": content.name, "versions": len(content.versions)}


def placed(text: str, refusal: "RuleRefused") -> "RuleRefused":
    """Return the refusal with its place in the file, of which its own text is a part."""
    from dataclasses import replace

    from amparo.rules.model.rule import RuleRefused

    start = text.find(refusal.text) if refusal.text else -1
    if start < 0:
        return refusal
    before = text[:start]
    column = refusal.column + (start - before.rfind("\n") - 1 if refusal.line == 1 else 0)
    place = replace(refusal.place, line=refusal.line + before.count("\n"), column=column)
    values = {name: each for name, each in refusal.message.values.items() if name not in ("line", "column")}
    return RuleRefused(refusal.message.id, place, **values)


def point_at(text: str, refusal: "RuleRefused") -> None:
    """Show the line that is meant, and the place in it."""
    line = [*text.splitlines(), ""][min(refusal.line, len(text.splitlines()) + 1) - 1]
    errors.print(f"{refusal.line}:{refusal.column}")
    errors.print(f"    {line}")
    errors.print("    " + " " * (refusal.column - 1) + "^")
