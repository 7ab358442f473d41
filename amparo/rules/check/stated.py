"""Checks a table or model by itself: what is wrong with each version, with the place in its own text."""

from collections.abc import Iterator

from amparo.rules.catalogue import Catalogue
from amparo.rules.check.limits import affordable
from amparo.rules.check.scope import Scope
from amparo.rules.check.scoring import version_sum
from amparo.rules.check.tables import answers
from amparo.rules.contents import TABLE, ModelVersion, ScoringModel, Table, TableVersion
from amparo.rules.model.nodes import NOWHERE
from amparo.rules.model.rule import PERSON_UNIT, RuleRefused
from amparo.rules.parameters import Parameters


def check_table(table: Table) -> Iterator[tuple[TableVersion, RuleRefused]]:
    """Yield each version that cannot be used, and why."""
    for version in table.versions:
        try:
            answers(table, version)
        except RuleRefused as refusal:
            yield version, refusal


def check_model(
    model: ScoringModel, catalogue: Catalogue, parameters: Parameters
) -> Iterator[tuple[ModelVersion, RuleRefused]]:
    """Yield each version that cannot be used, and why; whether `member` has a meaning, the rule's unit decides."""
    for version in model.versions:
        try:
            affordable(version_sum(model, version, Scope(catalogue, parameters, PERSON_UNIT))[0])
            _expect_table(model, parameters)
        except RuleRefused as refusal:
            yield version, refusal


def _expect_table(model: ScoringModel, parameters: Parameters) -> None:
    if model.probability is not None and model.probability not in parameters.contents.of(TABLE):
        raise RuleRefused("rules-score-without-probability", NOWHERE, model=model.name)
