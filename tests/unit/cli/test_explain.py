"""`amparo explain`: whom it finds, and what it says of them."""

from collections import defaultdict
from datetime import date

import pytest
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.cli.commands.explain import described, told, unit_named
from amparo.kernel import events
from amparo.kernel.errors import NotFound, Refused
from amparo.profiles import languages
from amparo.programmes.queries import explain_now
from amparo.project.wiring import Wiring
from amparo.registry.queries import household as registered
from amparo.trust.context import acting
from tests.lib.country import GROUND, household
from tests.unit.programmes.country import DAY, OPERATOR, installed, run

WORDS = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\nLanguage: en\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "programme-poor_home"
msgstr "Help for poor homes"

msgid "law-poor"
msgstr "Poor Homes Act"

msgid "law-line-2026"
msgstr "Line Order 2026"

msgid "law-grant-2026"
msgstr "Grant Order 2026"

msgid "source-census"
msgstr "Census"
"""


@pytest.fixture(scope="module")
def home(database):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "_reactions", defaultdict(list))
        installed()
        made = household("n1", {"birth_date": date(1950, 1, 1)}, income=12_000, on=date(2026, 3, 1))
        run()
    with acting(OPERATOR):
        return registered(made, by=OPERATOR, under=GROUND)


@pytest.fixture
def _country_words(tmp_path, monkeypatch):
    (tmp_path / "en.po").write_text(WORDS)
    monkeypatch.setattr(languages, "_country_folders", [tmp_path])
    languages.words.cache_clear()
    yield
    languages.words.cache_clear()


def named(unit: str, programme: str):
    with acting(OPERATOR):
        return unit_named(unit, programme, OPERATOR)


def explained(home, programme="poor_home"):
    with acting(OPERATOR):
        return explain_now(programme, home.id, by=OPERATOR, under=GROUND, on=DAY)


def test_a_number_is_a_households_or_a_persons_as_the_programme_decides(home):
    assert named(str(home.number), "poor_home") == home.id
    assert named(str(home.members[0].number), "pension") == home.members[0].id
    assert named(str(home.id), "poor_home") == home.id


def test_nobody_is_found_by_words_or_a_number_that_nobody_has(home):
    with pytest.raises(Refused, match="cli-explain-unit-unreadable"):
        named("amina", "poor_home")
    with pytest.raises(Refused, match="cli-explain-nobody"):
        named("1", "poor_home")
    with pytest.raises(NotFound, match="programmes-programme-unknown"):
        named("1", "no_such_programme")


def test_the_object_holds_outcome_clauses_facts_and_figures(home):
    found = described(explained(home))
    assert (found["outcome"], found["amount"], found["state"]) == ("false", None, "in-effect")
    assert [each["value"] for each in found["clauses"]] == [True, False]
    assert [each.name for each in found["inputs"]] == ["income"]
    assert found["figures"]["line"]["value"] == 10_000


@pytest.mark.usefixtures("_country_words")
def test_the_lines_say_each_clause_with_money_as_people_write_it(home):
    with acting(OPERATOR):
        lines = list(told(explained(home)))
    assert lines[0].endswith("Not granted (Poor Homes Act)")
    assert "  does not hold  household.income / household.size <= param.line" in lines
    assert any("household.income = €120.00: Census, March 1, 2026" in each for each in lines)
    assert "  if income were €100.00 and not €120.00: Granted" in lines


class Opened:
    """An installation whose database runs already, with the product's own letter."""

    open = staticmethod(lambda: None)
    letter = Wiring.letter


@pytest.mark.usefixtures("_country_words")
@pytest.mark.parametrize("language", ["en", "ar"])
def test_what_the_citizen_is_handed_is_written_as_pdf_in_a_language_of_the_country(home, tmp_path, language):
    file = tmp_path / "letter.pdf"
    asked = [
        "explain",
        "poor_home",
        str(home.number),
        "--on",
        DAY.isoformat(),
        "--pdf",
        str(file),
        "--language",
        language,
    ]
    ran = CliRunner().invoke(app, asked, obj=Opened(), catch_exceptions=False)
    assert ran.exit_code == 0
    assert file.read_bytes().startswith(b"%PDF")


@pytest.mark.usefixtures("_country_words")
def test_a_language_the_country_does_not_have_is_refused_and_no_file_is_written(home, tmp_path):
    file = tmp_path / "letter.pdf"
    asked = ["explain", "poor_home", str(home.number), "--on", DAY.isoformat(), "--pdf", str(file), "--language", "xx"]
    ran = CliRunner().invoke(app, asked, obj=Opened())
    assert ran.exit_code == 2
    assert "The profile has no language" in ran.output
    assert not file.exists()


@pytest.mark.usefixtures("_country_words")
def test_a_place_that_cannot_be_written_to_is_refused(home, tmp_path):
    asked = ["explain", "poor_home", str(home.number), "--on", DAY.isoformat(), "--pdf", str(tmp_path / "no" / "x.pdf")]
    ran = CliRunner().invoke(app, asked, obj=Opened())
    assert ran.exit_code == 2
    assert "cannot be written" in ran.output
