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

if TYPE_CHECKING:
    from amparo.rules.model.rule import Rule, RuleRefused

File = Annotated[Path, typer.Argument(help=words("cli-rule-check-file"))]
RuleUnit = Annotated[Unit, typer.Option("--unit", help=words("cli-rule-check-unit"))]
Amount = Annotated[bool, typer.Option("--amount", help=words("cli-rule-check-amount"))]


def rule_check(
    context: typer.Context,
    file: File,
    unit: RuleUnit = Unit.HOUSEHOLD,
    amount: Amount = False,
    on: Day = None,
    as_json: AsJson = False,
) -> None:
    text = read_text(file)
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
    from amparo.profiles.finding import find
    from amparo.profiles.languages import speak_also
    from amparo.profiles.reading import read
    from amparo.programmes.catalogue import catalogue, parameters
    from amparo.rules.check import check
    from amparo.rules.model.rule import RuleRefused

    country = read(find(profile))
    speak_also(country.locale_folder)
    known = parameters(country.parameters)
    try:
        rule = check(text, catalogue(country.dictionary), known, unit.value, gives)
    except RuleRefused as refusal:
        point_at(text, refusal)
        raise
    return rule, {name: known.on(on)[name].value for name in sorted(rule.parameters)}


def point_at(text: str, refusal: "RuleRefused") -> None:
    """Show the line that is meant, and the place in it."""
    line = [*text.splitlines(), ""][min(refusal.line, len(text.splitlines()) + 1) - 1]
    errors.print(f"{refusal.line}:{refusal.column}")
    errors.print(f"    {line}")
    errors.print("    " + " " * (refusal.column - 1) + "^")
