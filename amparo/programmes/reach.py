"""Whom a programme reaches: those it decided about, as conditions on the tables of the registry and its own.

Shape   table → condition, as `trust.scope` reads them
Nulls   what a programme decided and superseded since reaches nobody: only what stands does

A household's decision reaches everybody who lives in it, a family's or couple's whoever is in that; a person's reaches them
and the home they live in, and nobody else there. The database holds the same by a function of its own
(migrations/0015_policy.sql): each must hold alone.
"""


def _stands(units: str) -> str:
    """Return that something stands about one of these units."""
    return f"""EXISTS (SELECT FROM programmes_decision standing
        JOIN programmes_programme reaching ON reaching.id = standing.programme_id AND reaching.code = ANY (%s)
        WHERE standing.superseded_at IS NULL AND standing.unit_id IN ({units}))"""


def _person(id: str) -> str:
    """Return the units that a person is, lives in and is in."""
    return f"""SELECT {id}
        UNION ALL SELECT home.household_id FROM registry_membership home
            WHERE home.person_id = {id} AND home.ends_on IS NULL
        UNION ALL SELECT among.group_id FROM registry_groupmembership among
            WHERE among.person_id = {id} AND among.ends_on IS NULL"""


def _household(id: str) -> str:
    return f"""SELECT {id}
        UNION ALL SELECT living.person_id FROM registry_membership living
            WHERE living.household_id = {id} AND living.ends_on IS NULL
        UNION ALL SELECT inside.id FROM registry_group inside WHERE inside.household_id = {id}"""


def _group(id: str) -> str:
    return f"SELECT {id} UNION ALL SELECT around.household_id FROM registry_group around WHERE around.id = {id}"


def _entity(id: str) -> str:
    """Return the units of whatever an id names: of what it does not name, nothing is found."""
    holders = f"{_person('held.person_id')} UNION ALL {_household('held.household_id')}"
    of_item = f"SELECT holder.id FROM registry_item held, LATERAL ({holders}) holder (id) WHERE held.id = {id}"
    return " UNION ALL ".join([_person(id), _household(id), _group(id), of_item])


_OF_SUBJECT = f"""EXISTS (SELECT FROM registry_subjectlink link
    WHERE link.subject_id = {{row}}.subject_id AND link.ends_at IS NULL AND {_stands(_entity("link.entity_id"))})"""
_OWN = "{row}.programme_id IN (SELECT id FROM programmes_programme WHERE code = ANY (%s))"

OF_PROGRAMMES = {
    "registry_household": _stands(_household("{row}.id")),
    "registry_person": _stands(_person("{row}.id")),
    "registry_group": _stands(_group("{row}.id")),
    "registry_item": _stands(f"{_person('{row}.person_id')} UNION ALL {_household('{row}.household_id')}"),
    **dict.fromkeys(
        ("registry_membership", "registry_groupmembership", "registry_identifier"),
        _stands(_person("{row}.person_id")),
    ),
    "registry_subjectlink": _stands(_entity("{row}.entity_id")),
    "registry_observation": _OF_SUBJECT,
    **dict.fromkeys(
        (
            "programmes_decision",
            "programmes_notice",
            "programmes_tally",
            "programmes_preview",
            "programmes_enrolment",
            "programmes_enrolmentstep",
            "programmes_enrolmentnotice",
            "programmes_breach",
            "programmes_followingcount",
            "programmes_gap",
        ),
        _OWN,
    ),
}
