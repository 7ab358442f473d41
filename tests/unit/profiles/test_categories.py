"""What a profile says cases are about."""

import pytest

from amparo.cases.config import CategoryConfig
from amparo.cases.types import Kind
from amparo.profiles.places import Problems
from amparo.profiles.reading.categories import read_categories
from amparo.trust.types import Role

WHOLE = """
[[category]]
code = "unpaid"
kind = "grievance"
days = 15
escalate_days = 5
escalate_to = "supervisor"
public = true
questions = ["month"]
"""


def read(folder, text: str) -> tuple[tuple[CategoryConfig, ...], list[str]]:
    (folder / "cases.toml").write_text(text)
    problems = Problems()
    return read_categories(folder, problems), [each.message.id for each in problems.found]


def test_what_is_stated_is_read(tmp_path):
    found, problems = read(tmp_path, WHOLE)
    wanted = CategoryConfig("unpaid", Kind.GRIEVANCE, 15, 5, Role.SUPERVISOR, is_public=True, questions=("month",))
    assert (found, problems) == ((wanted,), [])


def test_without_a_file_there_is_none(tmp_path):
    assert read_categories(tmp_path, Problems()) == ()


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('"grievance"', '"complaint"', "profiles-value-unknown"),
        ('"unpaid"', '"Not paid"', "profiles-name-wrong"),
        ("days = 15", "days = 0", "profiles-value-wrong"),
        ("days = 15\n", "", "profiles-key-missing"),
        ('"supervisor"', '"auditor"', "profiles-value-unknown"),  # who reads no case could do nothing with one
        ("public = true", "sensitive = true", "profiles-category-roles"),
        ("public = true", 'roles = ["officer"]', "profiles-category-roles"),
        ('"grievance"', '"suspicion"', "profiles-category-public"),
        ('["month"]', '["Which month"]', "profiles-name-wrong"),
        ("public = true", "open = true", "profiles-key-unknown"),
    ],
)
def test_what_cannot_be_is_refused_and_named(tmp_path, before, after, problem):
    found, problems = read(tmp_path, WHOLE.replace(before, after))
    assert (found, problems) == ((), [problem])


def test_a_code_given_twice_is_refused(tmp_path):
    assert read(tmp_path, WHOLE + WHOLE)[1] == ["profiles-code-given-twice"]
