"""Whom a programme grants something, where an agreement's population is a programme; and the door that knows them.

Shape   ids of units, persons and households alike: a household's programme reaches everybody who lives in it, a family's
        or couple's whoever is in that
Nulls   what cannot be decided yet is not granted, and what is only proposed is not yet in effect
"""

from functools import partial

from amparo.registry.actions import sharing

_UNITS = """
    SELECT decision.unit_id, decision.grain, decision.household_id FROM programmes_decision decision
    JOIN programmes_programme programme ON programme.id = decision.programme_id AND programme.code = %(programme)s
    WHERE decision.outcome AND decision.superseded_at IS NULL AND decision.state = 'in-effect'
"""
# Written a second time for the database's own gate, as a function of one unit (migrations/0011_lent.py): each must hold alone.
GRANTED = f"""
    WITH granted AS ({_UNITS})
    SELECT unit_id FROM granted WHERE grain IN ('person', 'household')
    UNION SELECT member.person_id FROM granted
        JOIN registry_membership member ON member.household_id = granted.unit_id AND member.ends_on IS NULL
        WHERE granted.grain = 'household'
    UNION SELECT member.person_id FROM granted
        JOIN registry_groupmembership member ON member.group_id = granted.unit_id AND member.ends_on IS NULL
        WHERE granted.grain NOT IN ('person', 'household')
    UNION SELECT home.household_id FROM granted
        JOIN registry_membership home ON home.person_id = granted.unit_id AND home.ends_on IS NULL
        WHERE granted.grain = 'person'
    UNION SELECT household_id FROM granted WHERE grain NOT IN ('person', 'household')
"""

# As `registry.actions.sharing.share`, also under agreements about a programme.
share = partial(sharing.share, granted=GRANTED)
