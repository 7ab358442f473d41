import pytest

from amparo.kernel.errors import Refused
from amparo.profiles.finding import find, shipped


def test_a_shipped_profile_is_found_by_its_name():
    assert (find("example") / "profile.toml").is_file()
    assert {"example", "eusilc"} <= set(shipped())


def test_any_folder_with_a_profile_is_found_by_its_path(country):
    assert find(country.folder) == country.folder
    assert find(str(country.folder)) == country.folder


@pytest.mark.parametrize("name", ["exemple", "./nowhere", "", "..", "/", "example/../example/programmes"])
def test_what_is_no_profile_is_refused_with_the_names_there_are(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused) as refusal:
        find(name)
    assert "example" in refusal.value.message.values["known"]
