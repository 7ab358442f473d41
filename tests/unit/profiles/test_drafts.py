"""A version goes back into the files as it was; and figures that somebody types are read or refused."""

import tomllib
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from amparo.kernel.errors import Refused
from amparo.profiles import drafts
from amparo.profiles.finding import find
from amparo.profiles.places import top
from amparo.profiles.reading import programmes, read, stated
from amparo.programmes.config import ProgrammeConfig, RuleVersion, Ungrouped, Unit
from amparo.programmes.freshness import Freshness
from amparo.programmes.quota import Contested, Key, Quota, Ranking, Share
from amparo.registry.dictionary import Type
from amparo.rules.contents import ModelVersion, Question, Variant

PROFILE = read(find("example"))
SHARES = (Share(25), Share(75, (("A", 2), ("B", 3))))
RANKED = RuleVersion(
    date(2026, 1, 1),
    rule='household.size >= 1 && member.sex == "female" && "a\\\\b" != ""',
    law="law “x”",
    amount="param.grant",
    ends_on=date(2026, 12, 31),
    group=Unit.FAMILY,
    ungrouped=Ungrouped.UNKNOWN,
    ranking=Ranking(
        (Key("household.income", descending=True), Key("household.size")),
        Quota("places", "region", SHARES),
        Contested.HOLD,
    ),
    freshness=(Freshness("household", "income", 90), Freshness("item:plot", "hectares", None, is_usable=True)),
)


def rule_read_back(programme: ProgrammeConfig, version: RuleVersion) -> RuleVersion:
    text = drafts.as_toml("rule", programme, version, 2)
    (place,) = top("file", tomllib.loads(text)).tables("version")
    return programmes._version(place, programme.unit)


@pytest.mark.parametrize("programme", PROFILE.programmes, ids=lambda each: each.code)
def test_every_rule_of_the_example_comes_back(programme):
    for version in programme.versions:
        assert rule_read_back(programme, version) == version


@pytest.mark.parametrize("unit", [Unit.PERSON, Unit.FAMILY])
def test_what_is_around_a_rule_comes_back(unit):
    assert rule_read_back(ProgrammeConfig("p", unit, (RANKED,)), RANKED) == RANKED
    fixed = replace(RANKED.ranking, quota=Quota(12, None, ()))
    assert rule_read_back(ProgrammeConfig("p", unit, ()), replace(RANKED, ranking=fixed)).ranking == fixed


@pytest.mark.parametrize("parameter", PROFILE.parameters, ids=lambda each: each.name)
def test_every_figure_comes_back(parameter):
    for version in parameter.values:
        text = drafts.as_toml("parameter", parameter, version, PROFILE.decimals)
        ((_, place),) = top("file", tomllib.loads(text)).named_tables()
        (place,) = place.tables("value")
        assert programmes._value(place, parameter.type, parameter.law, PROFILE.decimals) == version
        typed = drafts.figure_text(version.value, parameter.type, PROFILE.decimals)
        assert drafts.figure(typed, parameter.type, PROFILE.decimals) == version.value


def test_tables_and_models_come_back():
    for table in PROFILE.tables:
        for version in table.versions:
            (place,) = top("file", tomllib.loads(drafts.as_toml("table", table, version, 2))).tables("version")
            assert stated._table_version(place).rows.strip() == version.rows.strip()
    asked = (Question("a", "household.size", 2), Question("b", 'household.floor == "x"'))
    variants = (Variant("n", "1.5", "question | answer | points\na | each | 2\n"), Variant("s", "0", "x\n"))
    version = ModelVersion(date(2026, 1, 1), "law", asked, variants, "area.zone", date(2027, 1, 1))
    (place,) = top("file", tomllib.loads(drafts.as_toml("score", SimpleNamespace(), version, 2))).tables("version")
    assert stated._model_version(place) == version


@pytest.mark.parametrize(
    ("text", "type", "value"),
    [
        ("1950.5", Type.MONEY, 195_050),
        (" 16 ", Type.INTEGER, 16),
        ("0.25", Type.NUMBER, 0.25),
        ("2026-07-01", Type.DATE, "2026-07-01"),
        ("false", Type.BOOLEAN, False),
        ("north", Type.CODE, "north"),
    ],
)
def test_a_figure_is_read_as_its_kind(text, type, value):
    assert drafts.figure(text, type, 2) == value


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("1.005", Type.MONEY),
        ("much", Type.MONEY),
        ("1.5", Type.INTEGER),
        ("inf", Type.NUMBER),
        ("1 July", Type.DATE),
        ("yes", Type.BOOLEAN),
        ("", Type.TEXT),
    ],
)
def test_what_is_no_such_figure_is_refused(text, type):
    with pytest.raises(Refused):
        drafts.figure(text, type, 2)
