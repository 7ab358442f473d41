"""Refusals: what is no rule"""


def test_granting_to_the_unknown(spec):
    """A rule may not be true of somebody about whom nothing is known: no members, and no field with a value. A universal
    programme says `household.size >= 1`."""
    spec.refused("!has(household.income)", "rules-true-of-blank")
    spec.refused("members.all(m, m.disabled)", "rules-true-of-blank")
    spec.refused("household.size <= param.most_children", "rules-true-of-blank")
    spec.refused("!has(member.disabled)", "rules-true-of-blank", unit="person")
    spec(
        "household.size >= 1",
        """
        home | answer
        -----+-------
        1    | false
        """,
    )


def test_names_that_do_not_exist(spec):
    """Only fields of the data dictionary, parameters and the functions on this page can be named."""
    spec.refused("household.incom > param.poverty_line", "rules-field-unknown")
    spec.refused("household.income > param.line", "rules-parameter-unknown")
    spec.refused("sqrt(household.area) > 3.0", "rules-function-unknown")
    spec.refused("income > param.poverty_line", "rules-name-unknown")
    spec.refused('household.region == "east"', "rules-code-unknown")


def test_grain(spec):
    """A member's field is asked of members, a household's of the household."""
    spec.refused("household.disabled", "rules-field-of-member")
    spec.refused("members.exists(m, m.rooms > 1)", "rules-field-of-household")
    spec.refused("members.disabled", "rules-members-alone")
    spec.refused("member.disabled", "rules-member-in-household-unit")
    spec.refused("members.exists(m, members.exists(k, k.disabled))", "rules-nested")


def test_kinds_and_units(spec):
    """Only values of one kind and unit are compared and added. A number written in a rule takes the unit of what it stands
    beside, but an amount of money is always a parameter; only 0 may be written."""
    spec.refused("household.rooms == household.owns_home", "rules-types-differ")
    spec.refused("household.rooms", "rules-gives")
    spec.refused("household.owns_home + 1 > 1", "rules-type")
    spec.refused("household.income > household.rent", "rules-unit")
    spec.refused("members.exists(m, age(m.birth_date) > household.rooms)", "rules-unit")
    spec.refused("household.income > 10000", "rules-money-literal")
    spec.refused("household.income / 2", "rules-money-unrounded", gives="money")
    spec.refused("members.map(m, m.pension / 2).sum() > 0", "rules-money-unrounded")


def test_text_that_cannot_be_read(spec):
    """What is no rule of the language is refused with its place, and the likely mistake is named."""
    spec.refused("household.rooms = 2", "rules-syntax-write")
    spec.refused("household.rooms > 2 and household.owns_home", "rules-syntax-write")
    spec.refused("1 < household.rooms < 3", "rules-chained")
    spec.refused("household.rooms >", "rules-syntax-end")
    spec.refused("household.rooms == null", "rules-null")
