"""The small dictionary, mappings and files that the tests of intake share."""

from amparo.registry.dictionary import Dictionary, Field, Type, Vocabulary

DICTIONARY = Dictionary(
    fields=(
        Field("rooms", "household", Type.INTEGER, "living conditions", minimum=1, maximum=30),
        Field("roof", "household", Type.CODE, "living conditions", vocabulary="roof"),
        Field("weight", "household", Type.NUMBER, "survey", role="survey_weight"),
        Field("given_name", "person", Type.TEXT, "identity", role="given_name"),
        Field("family_name", "person", Type.TEXT, "identity", role="family_name"),
        Field("sex", "person", Type.CODE, "identity", vocabulary="sex", role="sex"),
        Field("birth_date", "person", Type.DATE, "identity", role="birth_date"),
        Field("age", "person", Type.INTEGER, "identity", minimum=0, maximum=120),
        Field("is_head", "person", Type.BOOLEAN, "composition", role="is_head"),
        Field("relation", "person", Type.CODE, "composition", vocabulary="relation", role="relation_to_head"),
        Field("pension", "person", Type.MONEY, "income", unit="money/month", minimum=0),
        Field("month", "item:income_month", Type.DATE, "income", effective_month=True),
        Field("amount", "item:income_month", Type.MONEY, "income", unit="money/month", minimum=0),
    ),
    vocabularies=(
        Vocabulary("roof", ("thatch", "iron")),
        Vocabulary("sex", ("female", "male")),
        Vocabulary("relation", ("head", "spouse", "child", "parent", "other")),
    ),
    currency="XTS",
    groups=("family", "couple"),
)

TWO_FILES = """
[batch]
source = "census"
purpose = "registration"
observed_on = 2026-03-01
blank = ["", "NA"]
checks = ["one_head", "child_older_than_parent", "plausible_dates"]

[[table]]
name = "households"
file = "households*"
[table.household]
key = "hh"
area = "area"
[table.household.fields]
rooms = "rooms"
roof = { column = "roof", values = { 1 = "thatch", 2 = "iron" } }

[[table]]
name = "persons"
file = "persons*"
[table.person]
key = ["hh", "line"]
household = "hh"
[table.person.fields]
given_name = "name"
sex = "sex"
birth_date = "born"
relation = "relation"
pension = "pension"
[[table.person.identifiers]]
scheme = "national_id"
column = "nid"

[[table]]
name = "income"
file = "income*"
optional = true
[[table.items]]
kind = "income_month"
of = "person"
parent = ["hh", "line"]
[table.items.fields]
month = "month"
amount = "earned"
"""

FLAT = """
[batch]
source = "eusilc"
checks = ["plausible_dates"]

[[table]]
name = "eusilc"
ignore_rest = true
[table.household]
key = "db030"
area = { column = "db040", match = "name", level = "region" }
[table.household.fields]
weight = "db090"
[table.person]
key = "rb030"
[table.person.fields]
sex = "rb090"
birth_date = "born"
age = { column = "age", values = { -1 = "0" } }
is_head = { column = "rb030", matches = "01$" }
"""
