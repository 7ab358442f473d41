"""The small country's programmes: a grant for poor homes by a formula, a pension for the old, help for the pregnant."""

from datetime import date

from amparo.kernel.exports import Grade
from amparo.programmes.actions import determine, install
from amparo.programmes.config import ParameterConfig, ParameterValue, ProgrammeConfig, RuleVersion, Unit
from amparo.programmes.rulebook import fields_read, groups_read
from amparo.programmes.types import Run
from amparo.registry.dictionary import Type
from amparo.registry.exports import households
from amparo.registry.queries import dictionary
from amparo.snapshot.actions import take
from amparo.snapshot.types import Snapshot
from amparo.trust.types import system
from tests.lib.country import GROUND

DAY = date(2026, 4, 1)
OPERATOR = system("test")

LINE = ParameterConfig(
    "line", Type.MONEY, "money/month", "law-line", (ParameterValue(date(2026, 1, 1), 10_000, "law-line-2026"),)
)
GRANT = ParameterConfig(
    "grant", Type.MONEY, "money/month", "law-grant", (ParameterValue(date(2026, 1, 1), 2_000, "law-grant-2026"),)
)
POOR = RuleVersion(
    date(2026, 1, 1),
    rule="household.size >= 1 && household.income / household.size <= param.line",
    amount="household.size * param.grant",
    law="law-poor",
)
POOR_HOME = ProgrammeConfig("poor_home", Unit.HOUSEHOLD, (POOR,))
PENSION = ProgrammeConfig(
    "pension",
    Unit.PERSON,
    (RuleVersion(date(2026, 1, 1), rule="age(member.birth_date) >= 65", amount="param.grant", law="law-pension"),),
)
MATERNITY = ProgrammeConfig(
    "maternity",
    Unit.PERSON,
    (RuleVersion(date(2026, 1, 1), rule='member.sex == "female" && member.pregnant', law="law-maternity"),),
)


def installed(*programmes: ProgrammeConfig, parameters=(LINE, GRANT)) -> int:
    return install(programmes or (POOR_HOME, PENSION, MATERNITY), parameters, by=OPERATOR)


def snapshot(on: date = DAY) -> Snapshot:
    words = dictionary(using="bulk")
    exports = [households(words, reads=fields_read(using="bulk"), groups=groups_read(using="bulk"))]
    return take(exports, grade=Grade.DECISION, on=on, by=OPERATOR, under=GROUND)


def run(on: date = DAY, *, of: Snapshot | None = None, **settings) -> Run:
    return determine(of or snapshot(on), on=on, by=OPERATOR, under=GROUND, **settings)
