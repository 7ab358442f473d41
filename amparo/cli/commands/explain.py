"""`amparo explain PROGRAMME UNIT`: why a decision says what it says, for operators; pages say it in plain words."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from amparo.cli.files import written_to
from amparo.cli.printing import AsJson, Day, as_day, as_json_text, print_line, words
from amparo.cli.wiring import wiring
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.messages import Message, message
from amparo.kernel.money import Money
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

if TYPE_CHECKING:
    from amparo.programmes.explanation import Explanation, Input
    from amparo.registry.dictionary import Dictionary
    from amparo.trust.types import Actor

Programme = Annotated[str, typer.Argument(help=words("cli-explain-programme"))]
Unit = Annotated[str, typer.Argument(help=words("cli-explain-unit"))]
Pdf = Annotated[Path | None, typer.Option("--pdf", dir_okay=False, help=words("cli-explain-pdf"))]
Language = Annotated[str | None, typer.Option("--language", help=words("cli-explain-language"))]
OUTCOME = {True: "true", False: "false", None: "unknown"}


@charged(Permission.READ_DECISION)
def explain(
    context: typer.Context,
    programme: Programme,
    unit: Unit,
    on: Day = None,
    as_json: AsJson = False,
    pdf: Pdf = None,
    language: Language = None,
) -> None:
    wiring(context).open()
    from amparo.programmes.config import GROUND
    from amparo.programmes.queries import explain_now
    from amparo.trust.context import acting
    from amparo.trust.types import system

    by = system("explain")
    with acting(by):
        id = unit_named(unit, programme, by)
        found = explain_now(programme, id, by=by, under=GROUND, on=as_day(on) or clock.today())
        lines = [] if as_json else list(told(found))
        if pdf is not None:
            letter = wiring(context).letter(found, language)
            with written_to(pdf):
                pdf.write_bytes(letter)
    print_line(as_json_text(described(found)) if as_json else "\n".join(lines))


def unit_named(unit: str, programme: str, by: "Actor") -> UUID:
    """Return the household or person that the programme decides about, by id or by the number on its page."""
    from amparo.programmes.config import GROUND
    from amparo.programmes.queries import unit_of_programme
    from amparo.registry.finding import find_by_number

    try:
        return UUID(unit)
    except ValueError:
        pass
    if not unit.isdecimal():
        raise Refused("cli-explain-unit-unreadable", unit=unit)
    of = unit_of_programme(programme)
    is_person = of != "household"
    for each in find_by_number(int(unit), by=by, under=GROUND):
        if is_person and each.person_id:
            return each.person_id if of == "person" else _group_of(each.person_id, of, by)
        if not is_person and each.person_id is None and each.household_id:
            return each.household_id
    raise Refused("cli-explain-nobody", unit=unit)


def _group_of(person_id: UUID, kind: str, by: "Actor") -> UUID:
    """Return the family or couple of a person; their own id where they are in none and so a unit by themselves."""
    from amparo.programmes.config import GROUND
    from amparo.registry.queries import household, household_of

    home = household(household_of(person_id, by=by), by=by, under=GROUND)
    return home.group_of(kind, person_id) or person_id


def described(found: "Explanation") -> dict[str, Any]:
    """Return an explanation as one JSON object: everything, in the product's own words and minor units."""
    return {
        "programme": found.programme,
        "unit": found.unit.value,
        "unit_id": found.unit_id,
        "household": found.number,
        "on": found.on,
        "state": found.decision.state if found.decision else None,
        "decision": found.decision.id if found.decision else None,
        "outcome": OUTCOME[found.outcome],
        "amount": found.amount,
        "missing": found.missing,
        "lacking": found.lacking,
        "resting_on_stale": found.resting_on_stale,
        "rule": found.rule.strip(),
        "law": found.law,
        "figures": found.figures,
        "inputs": found.inputs,
        "clauses": [asdict(each) for each in found.trace.clauses],
        "amount_steps": asdict(found.amount_trace.root) if found.amount_trace else None,
        "changes": found.trace.changes,
        "group": found.group,
        "asked": found.asked,
        "ranking": _ranking(found),
        "recomputes": found.recomputes,
    }


def _ranking(found: "Explanation") -> dict[str, Any] | None:
    if found.ranking is None:
        return None
    keys = [
        {"by": text, "descending": descending, "value": told.value} for text, descending, told in found.ranking.keys
    ]
    ranked = found.ranking
    return {"keys": keys, "rank": ranked.rank, "places": ranked.places, "waiting": ranked.waiting}


def told(found: "Explanation") -> Iterator[str]:
    """Yield the lines of an explanation: outcome, clauses, facts, figures, and what would change it."""
    from amparo.programmes.rulebook import installed_parameters
    from amparo.registry.queries import dictionary

    country, figures = dictionary(), installed_parameters().by_name
    outcome = message(f"programmes-outcome-{OUTCOME[found.outcome]}")
    heading = {"programme": message(f"programme-{found.programme}"), "number": str(found.number), "on": found.on}
    yield words("cli-explain-heading", outcome=outcome, law=message(found.law), **heading)
    if found.amount is not None:
        yield words("cli-explain-amount", amount=worth(found.amount, "money", country))
    if found.missing:
        yield words("cli-explain-missing", names=found.missing)
    if found.asked is not None:
        yield words("cli-explain-asked", group=found.group, places=[str(each + 1) for each in found.asked])
    yield from _rank_told(found)
    for clause in found.trace.clauses:
        yield words(f"cli-explain-clause-{OUTCOME[clause.value]}", text=" ".join(clause.text.split()))
    for each in found.inputs:
        yield words("cli-explain-fact-unknown" if each.fact is None else "cli-explain-fact", **fact(each, country))
    for name, figure in found.figures.items():
        kind, is_content, code = name.partition(":")
        if is_content:
            told_kind, named = message(f"rules-stated-{kind}"), message(f"{kind}-{code}")
            yield words(
                "cli-explain-content", kind=told_kind, name=named, since=figure["from"], law=message(figure["law"])
            )
            continue
        value = worth(figure["value"], figures[name].type, country)
        yield words("cli-explain-figure", name=name, value=value, since=figure["from"], law=message(figure["law"]))
    for change in found.trace.changes:
        now, to = (worth(each, change.kind, country) for each in (change.now, change.to))
        then = message(f"programmes-outcome-{OUTCOME[change.then]}")
        yield words("cli-explain-change", name=change.name, now=now, to=to, then=then)
    if not found.recomputes:
        yield words("cli-explain-differs")


def _rank_told(found: "Explanation") -> Iterator[str]:
    """Yield how a unit stands where places are few, and what it is ranked by."""
    if found.ranking is None:
        return
    if found.ranking.rank is not None:
        yield words("cli-explain-rank", rank=found.ranking.rank, places=found.ranking.places)
    if found.ranking.waiting:
        yield words("cli-explain-waiting", waiting=found.ranking.waiting)
    for text, descending, key in found.ranking.keys:
        id = "cli-explain-key-descending" if descending else "cli-explain-key-ascending"
        yield words(id, by=" ".join(text.split()), value=str(key.value))


def fact(each: "Input", country: "Dictionary") -> dict[str, Any]:
    """Return a fact as a line of the explanation needs it; a stale one says so."""
    place = f"{each.grain}.{each.name}" if each.member is None else f"{each.grain} {each.member + 1}.{each.name}"
    if each.fact is None:
        return {"name": place}
    kind = country[each.grain, each.name].type.value
    id = "cli-explain-usable" if each.counts else "cli-explain-stale"
    stale: Message | str = message(id, count=each.limit_days) if each.is_stale else ""
    told = {"source": message(f"source-{each.fact.source}"), "day": each.fact.observed_on, "stale": stale}
    return {"name": place, "value": worth(each.fact.value, kind, country), **told}


def worth(value: Any, kind: str, country: "Dictionary") -> Any:
    """Return a value as people read it: money in major units, a whole number without the separators of an amount."""
    if kind == "money":
        return Money(value, country.currency, country.decimals)
    return str(value) if kind in ("integer", "number") else value
