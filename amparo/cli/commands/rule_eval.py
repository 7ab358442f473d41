"""`amparo rule eval --programme X --household FILE`: what a programme's rule says of a household in a file.

From the profile's folder alone, without a database; nothing is written or kept.
"""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amparo.cli.files import read_text
from amparo.cli.printing import AsJson, Day, as_day, result, words
from amparo.cli.wiring import wiring
from amparo.kernel.clock import today
from amparo.kernel.errors import NotFound, Refused
from amparo.kernel.messages import message
from amparo.kernel.money import Money
from amparo.trust.types.charged import charged

if TYPE_CHECKING:
    from amparo.profiles.types import Profile
    from amparo.programmes.config import ProgrammeConfig

Programme = Annotated[str, typer.Option("--programme", help=words("cli-rule-eval-programme"))]
Household = Annotated[Path, typer.Option("--household", help=words("cli-rule-eval-household"))]
OUTCOME = {True: "true", False: "false", None: "unknown"}


@charged()
def rule_eval(
    context: typer.Context, programme: Programme, household: Household, on: Day = None, as_json: AsJson = False
) -> None:
    from amparo.profiles.cases import compiled, figures
    from amparo.profiles.country import country
    from amparo.profiles.records import from_json
    from amparo.rules.engines.reference import decide
    from amparo.rules.trace import explain

    profile, day = country(wiring(context).profile), as_day(on) or today()
    asked = named(programme, profile)
    version = asked.version_on(day)
    if version is None:
        raise NotFound("programmes-programme-unknown", programme=programme, day=day)
    if version.group is not None:
        raise Refused("cli-rule-eval-group", programme=programme)
    rule, known = compiled(profile, asked, version).rule, figures(profile)
    record = from_json(read_text(household), str(household), profile, on=day)
    found = decide(rule, record, on=day, parameters=known)
    trace = explain(rule.outcome, record, on=day, parameters=known)
    amount = None if found.amount is None else Money(found.amount, profile.currency, profile.decimals)
    values: dict[str, Any] = {
        "programme": programme,
        "on": day,
        "outcome": OUTCOME[found.outcome],
        "amount": amount and amount.major,
        "missing": list(found.missing),
        "trace": [asdict(each) for each in trace.clauses],
    }
    if rule.amount is not None and found.outcome:
        values["amount_trace"] = asdict(explain(rule.amount, record, on=day, parameters=known).root)
    shown = {"outcome": message(f"programmes-outcome-{OUTCOME[found.outcome]}"), "amount": amount}
    shown["missing"] = values["missing"] or None
    result(values, as_json=as_json, sentence="cli-rule-eval-done", **shown)


def named(code: str, profile: "Profile") -> "ProgrammeConfig":
    found = next((each for each in profile.programmes if each.code == code), None)
    if found is None:
        raise NotFound("cli-rule-eval-nothing", programme=code, known=[each.code for each in profile.programmes])
    return found
