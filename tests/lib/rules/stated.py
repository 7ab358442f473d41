"""What the small world of the rule tests states beside its parameters: tables, models and programmes."""

from datetime import date

from amparo.rules.contents import (
    Column,
    Contents,
    ModelVersion,
    ProgrammeText,
    ProgrammeVersion,
    Question,
    ScoringModel,
    Table,
    TableVersion,
    Variant,
)

ZONES = ("valley", "mountain")
REGIONS = ("north", "south", "coast")
LEVELS = ("full", "half", "none")
EARLIER, NOW = date(2020, 1, 1), date(2024, 1, 1)

HEATING = Table(
    "heating",
    (Column("zone", "code", codes=ZONES), Column("persons", "integer")),
    "money",
    "money/month",
    (),
    (
        TableVersion(EARLIER, "Heating Act", "zone | persons | answer\n- | - | 10.00"),
        TableVersion(
            NOW,
            "Heating Act 2024",
            """
            zone     | persons | answer
            ---------+---------+-------
            valley   | ..1     |  20.00
            valley   | 2..     |  35.00
            mountain | ..1     |  30.00
            mountain | 2..4    |  50.00
            mountain | >4      |  50.00
            """,
        ),
    ),
)
LEVEL = Table(
    "level",
    (Column("income", "money", "money/month"), Column("disabled", "boolean")),
    "code",
    None,
    LEVELS,
    (
        TableVersion(
            EARLIER,
            "Levels Order",
            """
            income         | disabled | answer
            ..<50.00       | -        | full
            50.00..<100.00 | true     | full
            50.00..<100.00 | false    | half
            100.00..       | -        | none
            """,
        ),
    ),
)
DENSITY = Table(
    "density",
    (Column("area", "number", "m2"),),
    "number",
    "share",
    (),
    (TableVersion(EARLIER, "Densities", "area | answer\n<10 | 0.9\n10..<40.5 | 0.35\n100..200 | 0.1"),),
    gap="unknown",
)
CHANCE = Table(
    "chance",
    (Column("score", "integer"),),
    "number",
    "share",
    (),
    (TableVersion(EARLIER, "Study of 2019", "score | answer\n..19 | 0.8\n20..49 | 0.45\n50.. | 0.05"),),
)
HARDSHIP = ScoringModel(
    "hardship",
    (
        ModelVersion(
            EARLIER,
            "Study of 2019",
            (
                Question("children", "members.filter(m, age(m.birth_date) < 16).size()"),
                Question("home", "household.owns_home"),
                Question("region", "household.region"),
                Question("rooms", "household.rooms"),
            ),
            (
                Variant(
                    "-",
                    "0",
                    """
                    question | answer       | points
                    ---------+--------------+-------
                    children | ..0          | 30
                    children | 1, 2         | 10
                    children | 3..          | 0
                    home     | true         | 15
                    home     | false        | 0
                    region   | north        | 0
                    region   | south, coast | 7
                    rooms    | each         | 3
                    """,
                ),
            ),
        ),
    ),
    probability="chance",
)
WELFARE = ScoringModel(
    "welfare",
    (
        ModelVersion(
            EARLIER,
            "Study of 2019",
            (
                Question("persons", "household.size"),
                Question("area", "household.area", places=1),
                Question("rent", "household.rent"),
                Question("sex", 'members.exists(m, m.sex == "female" && m.disabled)'),
            ),
            (
                Variant(
                    "valley",
                    "7.25",
                    "question | answer | points\npersons | each | -0.125\narea | each | 0.0031\nsex | true | -0.5\nsex | false | 0",
                ),
                Variant("mountain", "6.9", "question | answer | points\npersons | each | -0.25\nrent | each | 0.0002"),
            ),
            chosen_by="area.zone",
        ),
    ),
)


def _programme(name: str, unit: str, rule: str, since: date = EARLIER) -> ProgrammeText:
    return ProgrammeText(name, unit, (ProgrammeVersion(since, "Programmes Act", rule),))


CONTENTS = Contents(
    (HEATING, LEVEL, DENSITY, CHANCE),
    (HARDSHIP, WELFARE),
    (
        _programme("poor_home", "household", "household.size >= 1 && household.income <= param.poverty_line"),
        _programme("old_age", "person", "age(member.birth_date) >= param.old_age"),
        _programme("beside", "person", "member.disabled && !programme.old_age.granted"),
        _programme("egg", "household", "household.size >= 1 && programme.hen.granted"),
        _programme("hen", "household", "household.size >= 1 && programme.egg.granted"),
        _programme("planned", "household", "household.size >= 1", date(2030, 1, 1)),
    ),
)
