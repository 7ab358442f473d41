"""Which installation a command line names."""

from pathlib import Path

import pytest

from amparo.kernel.errors import Refused
from amparo.project.main import ROOT, default_folder, without_places


@pytest.mark.parametrize(
    ("line", "rest", "named"),
    [
        ("migrate", "migrate", {}),
        ("--profile eusilc migrate --json", "migrate --json", {"AMPARO_PROFILE": "eusilc"}),
        ("migrate --json --profile=eusilc", "migrate --json", {"AMPARO_PROFILE": "eusilc"}),
        (
            "import --data-dir /d a.csv --profile p",
            "import a.csv",
            {"AMPARO_DATA_DIR": "/d", "AMPARO_PROFILE": "p"},
        ),
        ("import -- --profile", "import -- --profile", {}),
        ("import --profile-like x", "import --profile-like x", {}),
    ],
)
def test_profile_and_folder_are_taken_from_anywhere_in_the_line(line, rest, named):
    assert without_places(line.split()) == (rest.split(), named)


@pytest.mark.parametrize("line", ["migrate --profile", "migrate --profile=", "--data-dir"])
def test_an_option_without_a_value_is_refused(line):
    with pytest.raises(Refused, match="project-option-without-value"):
        without_places(line.split())


def test_each_profile_has_a_folder_of_its_own_whatever_folder_we_are_in(tmp_path, monkeypatch):
    before = default_folder("example")
    monkeypatch.chdir(tmp_path)
    assert default_folder("example") == before == ROOT / ".amparo" / "example"
    assert default_folder("/somewhere/kenya") == ROOT / ".amparo" / "kenya"
    assert default_folder(str(Path("kenya"))) == ROOT / ".amparo" / "kenya"
