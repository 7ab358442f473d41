"""What a draft would decide: rules and figures of its first day, asked of the facts of another.

Shape   `measured` counts over an opened snapshot: of each programme that would decide otherwise, before and after; of a
        drafted rule each of its conditions
Units   units of the programme; `sum_minor` in minor units per payment period
Nulls   an outcome of None is unknown and counted by itself; `before` is None where the programme has no rule on the day
Errors  Refused as `evaluation` raises it, also for a field that the snapshot does not hold
"""

from dataclasses import replace
from datetime import date
from typing import Any

import duckdb

from amparo.programmes import evaluation, models
from amparo.programmes.inforce import InForce
from amparo.programmes.local import area_of, range_of
from amparo.programmes.rulebook import Rulebook, in_force_by, terms
from amparo.programmes.standing import RULE, Standing, drafted
from amparo.programmes.types import Engine
from amparo.registry.queries import dictionary
from amparo.rules.model.lookups import Stated
from amparo.rules.model.nodes import And, Node, with_parts
from amparo.rules.model.rule import ProgrammeRule, Rule
from amparo.rules.parameters import Dated, Parameters
from amparo.snapshot.types import Snapshot

_AFTER, _CLAUSES = 10_000, 20_000  # beside the programmes' own numbers


def law_day(draft: models.Draft, standing: Standing, today: date) -> date:
    """Return today where the draft would hold today, else its first day."""
    versions = drafted(draft, standing).versions(draft.kind, draft.code)
    holds = max((day for day in versions if day <= today), default=None) == draft.starts_on
    return today if holds else draft.starts_on


def book(standing: Standing, *, law: date, using: str) -> Rulebook:
    """Return the rules and figures that would be in force on the day. Raises RuleRefused."""
    words, figures = dictionary(using=using), standing.figures
    heads = {each.code: each for each in models.Programme.objects.using(using).filter(withdrawn_at=None)}
    found = []
    for each in standing.programmes:
        version = each.version_on(law)
        if version is not None:
            row = models.RuleVersion(
                programme=heads[each.code],
                rule=version.rule,
                amount=version.amount,
                terms=terms(version),
                law=version.law,
            )
            found.append(in_force_by(row, words, figures).on(law))
    return Rulebook(law, tuple(found), figures, words)


def on_facts_of(law: Rulebook, day: date) -> Rulebook:
    """Return the same law, to be asked of the facts of another day; who is eligible, not who comes first."""
    figures = Parameters(
        replace(each, values=(Dated(held.value, held.law, date.min),))
        for each in law.parameters.all
        if (held := each.on(law.on))
    )
    programmes = tuple(replace(each, rule=_always(each.rule), ranking=None, keys=()) for each in law.programmes)
    return Rulebook(day, programmes, figures, law.dictionary)


def _always(rule: ProgrammeRule) -> ProgrammeRule:
    amount = rule.amount and _with(rule.amount, _timeless(rule.amount.model))
    return ProgrammeRule(_with(rule.outcome, _timeless(rule.outcome.model)), amount)


def _with(rule: Rule, model: Node) -> Rule:
    return replace(rule, model=model, _days={})


def _timeless(node: Node) -> Node:
    """Return the node with the one version that each table, model and programme has on the law's day, for any day."""
    if not isinstance(node, Stated):
        return with_parts(node, _timeless)
    return replace(node, versions=tuple(map(_timeless, node.versions)), days=((date.min, None),))


def measured(
    connection: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    draft: models.Draft,
    standing: Standing,
    today: date,
    using: str,
) -> dict[str, Any]:
    """Return what would be otherwise if the draft held, counted; of what an area decides by itself, among who lives there."""
    law = law_day(draft, standing, today)
    before, after = (book(each, law=law, using=using) for each in (standing, drafted(draft, standing)))
    codes = _changed(before, after)
    asked = {0: on_facts_of(before, snapshot.on), _AFTER: on_facts_of(after, snapshot.on)}
    every = {number: _numbered(of, codes, number) for number, of in asked.items()}
    clauses = _clauses([each for each in every[_AFTER] if draft.kind == RULE and each.code == draft.code])
    both = replace(asked[_AFTER], programmes=(*every[0], *every[_AFTER]))
    within = _residents(draft, standing, using)
    evaluation.prepare(connection, snapshot.exports["households"], both, within=within)
    counts: dict[int, dict[str, int]] = {}
    for number, of in asked.items():
        programmes = (*every[number], *(clauses if number == _AFTER else ()))
        asked_of, into = replace(of, programmes=programmes), f"answer_{number}"
        evaluation.evaluate(connection, asked_of, engine=Engine.COLUMNAR, into=into)
        counts |= _counts(connection, into)
    ids = {each.code: each.programme_id for each in after.programmes}
    return {
        "snapshot": str(snapshot.id),
        "on": snapshot.on.isoformat(),
        "law": law.isoformat(),
        "programmes": [
            {"code": code, "before": counts.get(ids[code]), "after": counts.get(_AFTER + ids[code])}
            | _moved(connection, ids[code])
            for code in codes
        ],
        "clauses": [
            {"text": each.rule.outcome.text} | _excluded(connection, each.programme_id, len(clauses))
            for each in clauses
        ],
    }


def _residents(draft: models.Draft, standing: Standing, using: str) -> tuple[int, int] | None:
    """Return the numbers of the areas that a draft is about. An area that is none holds nobody."""
    area = area_of(standing, draft.kind, draft.code)
    return None if area is None else range_of(area, using=using) or (1, 0)


def _changed(before: Rulebook, after: Rulebook) -> list[str]:
    """Return the programmes that go by another rule or other figures than before."""
    old = {each.code: (each.hash, each.rule, each.keys) for each in before.programmes}
    return [
        each.code
        for each in after.programmes
        if old.get(each.code) != (each.hash, each.rule, each.keys)
        or before.figures((each.code,)) != after.figures((each.code,))
    ]


def _numbered(of: Rulebook, codes: list[str], number: int) -> list[InForce]:
    """Return the programmes under numbers of their own, before and after: so they are told apart wherever they are asked."""
    numbers = {each.code: number + each.programme_id for each in of.programmes}
    return [
        replace(each, programme_id=numbers[each.code], rule_version=numbers[each.code])
        for each in of.programmes
        if each.code in codes
    ]


def _clauses(programmes: list[InForce]) -> list[InForce]:
    """Return each condition that must hold as a rule of its own."""
    found = []
    for programme in programmes:
        whole = programme.rule.outcome
        parts = whole.model.of if isinstance(whole.model, And) else (whole.model,)
        for number, part in enumerate(parts):
            rule = ProgrammeRule(replace(_with(whole, part), text=part.place.words(whole.text)))
            found.append(replace(programme, programme_id=_CLAUSES + number, rule=rule))
    return found


_OUTCOMES = """
SELECT programme_id, count(*) FILTER (outcome), count(*) FILTER (NOT outcome), count(*) FILTER (outcome IS NULL),
    coalesce(sum(amount), 0)::BIGINT
FROM {into} GROUP BY programme_id
"""


def _counts(connection: duckdb.DuckDBPyConnection, into: str) -> dict[int, dict[str, int]]:
    rows = connection.execute(_OUTCOMES.format(into=into)).fetchall()
    return {id: dict(zip(("true", "false", "unknown", "sum_minor"), row, strict=True)) for id, *row in rows}


def _moved(connection: duckdb.DuckDBPyConnection, id: int) -> dict[str, int]:
    """Return how many units the rule would hold for that it does not hold for now, and the other way round."""
    gains, loses = connection.execute(
        "SELECT count(*) FILTER (a.outcome AND b.outcome IS NOT TRUE), count(*) FILTER (b.outcome AND a.outcome IS NOT TRUE)"
        f" FROM (SELECT * FROM answer_{_AFTER} WHERE programme_id = ?) a"
        " FULL JOIN (SELECT * FROM answer_0 WHERE programme_id = ?) b USING (unit_id)",
        [_AFTER + id, id],
    ).fetchone()
    return {"gains": gains, "loses": loses}


_EXCLUDED = f"""
WITH held AS (
    SELECT unit_id, count(*) FILTER (outcome) AS holds FROM answer_{_AFTER} WHERE programme_id >= {_CLAUSES} GROUP BY unit_id
)
SELECT count(*) FILTER (NOT outcome), count(*) FILTER (outcome IS NULL), count(*) FILTER (NOT outcome AND holds = $others)
FROM answer_{_AFTER} JOIN held USING (unit_id) WHERE programme_id = $id
"""


def _excluded(connection: duckdb.DuckDBPyConnection, id: int, conditions: int) -> dict[str, int]:
    """Return of how many units a condition does not hold, is unknown, and is the only one that does not hold."""
    found = connection.execute(_EXCLUDED, {"id": id, "others": conditions - 1}).fetchone()
    return dict(zip(("false", "unknown", "alone"), found, strict=True))
