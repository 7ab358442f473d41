"""What is made is what a census would deliver: intake takes it in, and sets aside what was planted and nothing else."""

from datetime import date

import pytest

from amparo.intake.config import mapping
from amparo.intake.delivered import read_files
from amparo.intake.validation.entities import Place
from amparo.intake.validation.run import Setting, open_store, validate
from amparo.profiles.synth import generate

HOUSEHOLDS = 12_000
# A duplicate is no defect that one delivery shows. Of a reference into nowhere, the person is set aside: that the
# household has lost a member nobody can know.
DEFECTS = "kind NOT IN ('twice_in_household', 'in_two_households', 'broken_reference')"


@pytest.fixture(scope="module")
def delivered(velmora, tmp_path_factory):
    folder = tmp_path_factory.mktemp("delivery")
    made = generate(velmora, households=HOUSEHOLDS, seed=11, folder=folder, format="csv")
    layout = mapping(velmora.mappings["census"], velmora.dictionary, "census")
    names = [table.name for table in layout.tables]
    work = folder / "work"
    work.mkdir()
    files = read_files(layout, [made.files[each] for each in names], [made.files[each].name for each in names], work)
    db = open_store(work)
    places = [Place(n, each.code, each.name, each.level, n) for n, each in enumerate(velmora.areas, 1)]
    validate(db, layout, files, Setting(places=places, today=date(2026, 10, 1)))
    for name in ("truth", "households", "persons"):
        db.execute(f"CREATE TABLE made_{name} AS FROM read_csv('{made.files[name]}', all_varchar = true)")
    yield db
    db.close()


def ask(db, query: str) -> list:
    return [row[0] for row in db.execute(query).fetchall()]


def test_every_household_with_a_defect_is_set_aside_and_no_other(delivered):
    aside = "SELECT household FROM made_households WHERE household NOT IN (SELECT __key FROM household)"
    planted = f"SELECT DISTINCT household FROM made_truth WHERE {DEFECTS}"
    assert ask(delivered, f"{aside} ORDER BY 1") == ask(delivered, f"{planted} ORDER BY 1")


def test_every_person_of_a_sound_household_is_taken_in(delivered):
    lost = (
        "SELECT person FROM made_persons WHERE person NOT IN (SELECT __key FROM person)"
        f" AND household NOT IN (SELECT household FROM made_truth WHERE {DEFECTS})"
    )
    assert ask(delivered, f"{lost} ORDER BY 1") == ask(
        delivered, "SELECT person FROM made_truth WHERE kind = 'broken_reference' ORDER BY 1"
    )


def test_each_kind_of_defect_is_found_for_its_own_reason(delivered):
    found = set(ask(delivered, "SELECT DISTINCT unnest(reasons).rule FROM quarantined"))
    assert found >= {
        "intake-head-none",
        "intake-head-twice",
        "intake-child-older",
        "intake-birth-late",
        "intake-birth-early",
        "intake-value-range",
        "intake-value-code",
        "intake-area-unknown",
        "intake-household-unknown",
    }
