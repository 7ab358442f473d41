"""What the tutorial tells people to write makes a country that holds together."""

import re
import shutil

from amparo.profiles.checking import check
from amparo.profiles.reading import read
from tests.structure import sources

TUTORIAL = "docs/tutorials/change-a-country.md"
# A block whose first line names a file is added at that file's end.
WRITTEN = re.compile(r"^```(?:toml|po|yaml)\n# velmora/(?P<file>\S+)\n(?P<text>.*?)^```", re.S | re.M)


def changed_country(folder):
    """Return a copy of the example country after everything in the tutorial was written."""
    shutil.copytree(sources.ROOT / "profiles/example", folder)
    for found in WRITTEN.finditer(sources.text(TUTORIAL)):
        with (folder / found["file"]).open("a") as file:
            file.write("\n" + found["text"])
    return folder


def test_the_country_of_the_tutorial_has_no_problem(tmp_path):
    country = changed_country(tmp_path / "velmora")
    assert check(country) == ()
    assert "flood_relief" in {each.code for each in read(country).programmes}


def test_a_country_with_half_of_it_has(tmp_path):
    country = changed_country(tmp_path / "velmora")
    (country / "programmes/flood_relief.toml").unlink()
    assert {each.message.id for each in check(country)} >= {"profiles-field-unused", "profiles-parameter-unused"}


def test_the_tutorial_counts_the_programmes_and_cases_of_the_country_it_made_sound(tmp_path):
    country = changed_country(tmp_path / "velmora")
    (country / "programmes/flood_relief.toml").unlink()  # comes later in the tutorial
    programmes, cases = len(read(country).programmes), len(read(country).cases)
    assert f"is sound: {programmes} programmes, {cases} worked cases that" in sources.text(TUTORIAL)
