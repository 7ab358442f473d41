"""What the invented people learn, do and earn; a household's income is the sum of what its members earn.

Units   crowns per month; years of school; hours per week
Nulls   what was not said (incomes of the well-off and of those on their own account more often) or not asked
"""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from amparo.profiles.synth.drawing import Column, Mask, Rows, choice, mixed, rungs
from amparo.profiles.synth.settings import Work

_LEVELS = ("none", "preschool", "primary", "lower_secondary", "upper_secondary", "vocational", "university")
INCOMES = {
    "wage_per_month": "wage",
    "self_employment_per_month": "self_employment",
    "farm_income_per_month": "farm",
    "pension_per_month": "pension",
    "remittances_per_month": "remittance",
    "other_transfers_per_month": "transfer",
}
_HEADS_WORK = 0.95  # whoever heads a household has to


def school(rows: Rows, random: np.random.Generator) -> None:
    """Add schooling: children of the better-off stay longer, the old had less."""
    ages = rows.ages
    wanted = 8.5 + 3.8 * mixed({"welfare": 0.9, "urban": 0.4, "age": -0.45}, rows, random)
    possible = np.clip(ages - 6, 0, None)
    years = np.clip(np.minimum(possible, wanted), 0, 18).astype(np.int64)
    attends = (ages >= 6) & (ages <= 25) & (possible <= wanted) & (random.random(rows.count) < 0.96)
    attends |= (ages >= 3) & (ages < 6) & (random.random(rows.count) < 0.35)
    level = np.select([years > 12, years > 9, years > 6, years > 0], [6, 4, 3, 2], 0).astype(np.int8)
    level[(level == 4) & (ages >= 18) & (random.random(rows.count) < 0.3)] = 5
    level[(level == 0) & attends] = np.where(ages[(level == 0) & attends] < 6, 1, 2)
    reads = (years >= 4) | ((years >= 1) & (random.random(rows.count) < 0.4))
    rows.columns["attends_school"] = Column(attends, _unsaid(0.01, rows, random) | (ages < 3) | (ages > 30))
    rows.columns["school_level"] = Column(level, _unsaid(0.012, rows, random) | (ages < 3), _LEVELS)
    rows.columns["school_years"] = Column(years, _unsaid(0.025, rows, random) | (ages < 5))
    rows.columns["can_read"] = Column(reads, _unsaid(0.01, rows, random) | (ages < 7))
    rows.latents["school"] = ((years - 7) / 4.5).astype(np.float32)


def work(given: Work, rows: Rows, is_urban: Mask, is_head: Mask, random: np.random.Generator) -> None:
    """Add work and every kind of income. Who is under working age is not asked."""
    status, options = _status(given, rows, is_head, random)
    working = np.isin(status, [options.index(each) for each in given.status])
    not_asked = rows.ages < given.from_age
    sector = _sector(given, rows, is_urban, status, options, random)
    hours = np.where(working, np.clip(random.normal(41, 11, rows.count), 4, 84), 0).astype(np.int64)
    is_employee = status == options.index("employee")
    contract = is_employee & (mixed({"welfare": 0.9, "urban": 0.5, "school": 0.5}, rows, random) > 0.1)
    insured = contract & (random.random(rows.count) < 0.85)
    columns = rows.columns
    columns["work_status"] = Column(status, _unsaid(0.01, rows, random) | not_asked, options)
    columns["work_sector"] = Column(sector, _unsaid(0.015, rows, random) | ~working, tuple(given.rural))
    columns["hours_per_week"] = Column(hours, _unsaid(0.03, rows, random) | not_asked)
    columns["has_contract"] = Column(contract, _unsaid(0.02, rows, random) | not_asked)
    columns["social_insurance"] = Column(insured, _unsaid(0.03, rows, random) | not_asked)
    _earnings(given, rows, is_urban, status, options, sector, hours, random)
    _unearned(given, rows, random)


def _status(
    given: Work, rows: Rows, is_head: Mask, random: np.random.Generator
) -> tuple[NDArray[np.int8], tuple[str, ...]]:
    ages, count = rows.ages, rows.count
    hump = np.interp(ages, [given.from_age, 22, 30, 55, 66, given.until_age], [0.25, 0.8, 1, 1, 0.55, 0.15])
    able = 1 - 0.3 * (rows.latents["frailty"] > 1.6)
    chance = np.where(is_head, _HEADS_WORK, np.where(rows.is_female, given.female, given.male)) * hump * able
    in_force = (ages >= given.from_age) & (ages <= given.until_age) & (random.random(count) < chance)
    in_force &= ~(rows.columns["attends_school"].values & (ages < 20) & (random.random(count) < 0.9))
    options = (*given.status, "unemployed", "inactive")
    score = mixed({"welfare": 0.5, "urban": 0.5, "school": 0.4}, rows, random)
    status = rungs(score, tuple(given.status.values()))
    status[is_head & (status == options.index("family_worker"))] = options.index("own_account")
    status[in_force & (random.random(count) < given.unemployed)] = options.index("unemployed")
    status[~in_force] = options.index("inactive")
    return status, options


def _sector(given, rows, is_urban, status, options, random) -> NDArray[np.int8]:
    """Only employees work for the state or in another's home."""
    names = tuple(given.rural)
    rural = choice(tuple(given.rural.values()), rows.count, random)
    urban = choice(tuple(given.urban.values()), rows.count, random)
    sector = np.where(is_urban, urban, rural)
    hired = np.isin(sector, [names.index("public"), names.index("domestic")])
    sector[hired & (status != options.index("employee"))] = names.index("trade")
    return sector


def _earnings(given, rows, is_urban, status, options, sector, hours, random) -> None:
    latents = rows.latents
    level = (
        given.earnings_by_welfare * latents["welfare"]
        + 0.2 * latents["school"]
        + 0.1 * is_urban
        - 0.16 * rows.is_female
        + given.earnings_spread * random.standard_normal(rows.count, dtype=np.float32)
    )
    paid = dict(zip(options, (0.0, 0.85, 0.35, 1.0, 1.6, 0.0, 0.0), strict=True))
    rate = np.array([paid[each] for each in options])[status]
    is_farm = sector == tuple(given.rural).index("agriculture")
    amount = given.earnings * np.exp(level) * rate * np.sqrt(hours / 41) * np.where(is_farm, 0.85, 1.0)
    hired = np.isin(status, [options.index("employee"), options.index("apprentice")])
    for name, mine, unsaid in (
        ("wage_per_month", hired, 0.05),
        ("self_employment_per_month", ~hired & ~is_farm, 0.12),
        ("farm_income_per_month", ~hired & is_farm, 0.14),
    ):
        hidden = mixed({"welfare": 0.6}, rows, random) > -_threshold(unsaid)
        _add_income(rows, name, np.where(mine, amount, 0), hidden & mine & (amount > 0), given.from_age)


def _unearned(given: Work, rows: Rows, random: np.random.Generator) -> None:
    """A contributory pension by age and welfare; remittances and transfers by chance, to adults."""
    pensioner = (rows.ages >= given.pension_from_age) & (
        mixed({"welfare": 1.0, "urban": 0.6, "school": 0.5}, rows, random) > -_threshold(given.pension_share)
    )
    rows.columns["contributory_pension"] = Column(
        pensioner, (_unsaid(0.02, rows, random) & (rows.ages >= 50)) | (rows.ages < given.from_age)
    )
    for name, whom, middle in (
        ("pension_per_month", pensioner, given.pension),
        ("remittances_per_month", random.random(rows.count) < given.remittance_share / 2, given.remittance),
        ("other_transfers_per_month", random.random(rows.count) < given.transfer_share / 2, given.transfer),
    ):
        amount = middle * np.exp(0.4 * random.standard_normal(rows.count) + 0.3 * rows.latents["welfare"])
        unknown = _unsaid(0.03, rows, random) & whom
        _add_income(rows, name, np.where(whom & (rows.ages >= 18), amount, 0), unknown, given.from_age)


def _add_income(rows: Rows, name: str, amount: NDArray, unknown: Mask, from_age: int) -> None:
    rounded = (np.round(amount / 10) * 10).astype(np.int64)
    rows.columns[name] = Column(rounded, unknown | (rows.ages < from_age))


def household_money(rows: Rows, persons: Rows, household: NDArray[np.int64], random: np.random.Generator) -> None:
    """Add the household's income, as it was declared, and its spending.

    Declared income is what members earn, a little under and rounded. Where a member's income was not said, the
    household's often was not either.
    """
    count = rows.count
    asked = persons.ages >= 15
    earned, hidden = np.zeros(count), np.zeros(count, dtype=bool)
    for name in INCOMES:
        column = persons.columns[name]
        earned += np.bincount(household, weights=column.values * asked, minlength=count)
        hidden[household[column.unknown & asked]] = True
    gifts = 160 * rows.latents["members"] * np.exp(random.normal(0, 0.6, count))  # and what is grown for the table
    declared = (earned + gifts) * np.exp(random.normal(-0.04, 0.1, count))
    unsaid = mixed({"welfare": 0.6}, rows, random) > -_threshold(0.045)
    unsaid |= hidden & (random.random(count) < 0.45)
    need = 420 * np.sqrt(rows.latents["members"]) + 0.74 * earned
    spending = need * np.exp(random.normal(0, 0.22, count))
    food = spending * np.clip(0.55 - 0.1 * rows.latents["welfare"] + random.normal(0, 0.07, count), 0.12, 0.9)
    for name, amount, unknown in (
        ("income_per_month", declared, unsaid),
        ("spending_per_month", spending, _unsaid(0.06, rows, random)),
        ("food_spending_per_month", food, _unsaid(0.05, rows, random)),
    ):
        rows.columns[name] = Column((np.round(amount / 10) * 10).astype(np.int64), unknown)


def _unsaid(share: float, rows: Rows, random: np.random.Generator) -> Mask:
    return random.random(rows.count, dtype=np.float32) < share


def _threshold(share: float) -> float:
    return NormalDist().inv_cdf(share)
