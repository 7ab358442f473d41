"""A copy of the example country that a test may break."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from amparo.profiles.checking import check
from amparo.profiles.finding import find
from amparo.profiles.reading import read
from amparo.profiles.types import Problem, Profile


class Country:
    """A folder with a profile in it, and the ways a hand may slip while editing it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def replace(self, file: str, old: str, new: str, *, times: int = 1) -> "Country":
        text = (self.folder / file).read_text("utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        (self.folder / file).write_text(text.replace(old, new, times), "utf-8")
        return self

    def add(self, file: str, text: str) -> "Country":
        with (self.folder / file).open("a", encoding="utf-8") as stream:
            stream.write(text)
        return self

    def write(self, file: str, text: str) -> "Country":
        (self.folder / file).write_text(text, "utf-8")
        return self

    def problems(self) -> list[Problem]:
        return list(check(self.folder))

    def ids(self) -> list[str]:
        return sorted(each.message.id for each in self.problems())


@pytest.fixture
def country(tmp_path: Path) -> Country:
    shutil.copytree(find("example"), tmp_path / "velmora")
    return Country(tmp_path / "velmora")


@pytest.fixture(scope="session")
def velmora() -> Profile:
    return read(find("example"))


Breaks = Callable[[Country], Country]
