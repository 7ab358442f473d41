"""`feeds.toml`: which column is which word, and what is refused of it."""

import pytest

from amparo.profiles.places import Problems
from amparo.profiles.reading.feeds import FILE, read_feeds

SOUND = """
[fund]
schemes = ["help"]
month = "%m/%Y"
[fund.columns]
identifier = "ID"
status = "STATE"
amount = "SUM"
period = "MONTH"
[fund.fixed]
identifier_scheme = "national_id"
scheme = "help"
kind = "cash"
currency = "EUR"
[fund.codes.status]
A = "enrolled"
"""


def read(text: str, folder) -> tuple[tuple, list[str]]:
    (folder / FILE).write_text(text)
    problems = Problems()
    return read_feeds(folder, 2, problems), [each.message.id for each in problems.found]


def test_without_the_file_nobody_tells(tmp_path):
    assert read_feeds(tmp_path, 2, Problems()) == ()


def test_a_feed_is_read(tmp_path):
    (feed,), problems = read(SOUND, tmp_path)
    assert problems == []
    assert (feed.code, feed.schemes, feed.month, feed.day, feed.decimals) == ("fund", ("help",), "%m/%Y", "%Y-%m-%d", 2)
    assert feed.columns == {"identifier": "ID", "status": "STATE", "amount": "SUM", "period": "MONTH"}
    assert feed.codes == {"status": {"A": "enrolled"}}


@pytest.mark.parametrize(
    ("taken_out", "put_in", "problem"),
    [
        ('period = "MONTH"', "", "profiles-feed-word-missing"),
        ('identifier_scheme = "national_id"', "", "profiles-feed-word-missing"),
        ('identifier = "ID"', "", "profiles-feed-names-nobody"),
        ('currency = "EUR"', 'currency = "EUR"\namount = "1"', "profiles-feed-word-twice"),
        ('A = "enrolled"', 'A = "active"', "profiles-value-unknown"),
        ('scheme = "help"\nkind', 'scheme = "other"\nkind', "profiles-value-unknown"),
        ('month = "%m/%Y"', 'months = "%m/%Y"', "profiles-key-unknown"),
        ('amount = "SUM"', 'amount = "SUM"\nincome = "X"', "profiles-key-unknown"),
        ('month = "%m/%Y"', "decimals = 9", "profiles-value-wrong"),
    ],
)
def test_what_is_wrong_with_one_is_named(tmp_path, taken_out, put_in, problem):
    feeds, problems = read(SOUND.replace(taken_out, put_in), tmp_path)
    assert (feeds, problems) == ((), [problem])


GRIEVED = """
[fund]
kind = "grievances"
schemes = ["help"]
categories = ["unpaid"]
[fund.columns]
identifier = "ID"
grievance = "NO"
state = "STATE"
filed = "DAY"
[fund.fixed]
identifier_scheme = "national_id"
scheme = "help"
category = "unpaid"
[fund.codes.state]
N = "open"
"""


def test_a_feed_of_grievances_is_read(tmp_path):
    (feed,), problems = read(GRIEVED, tmp_path)
    assert problems == []
    assert (feed.kind, feed.categories, feed.codes) == ("grievances", ("unpaid",), {"state": {"N": "open"}})


@pytest.mark.parametrize(
    ("taken_out", "put_in", "problem"),
    [
        ('categories = ["unpaid"]', "", "profiles-key-missing"),
        ('categories = ["unpaid"]', 'categories = ["unpaid"]\nreasons = ["x"]', "profiles-key-unknown"),
        ('kind = "grievances"', "", None),
        ('grievance = "NO"', "", "profiles-feed-word-missing"),
        ('filed = "DAY"', "", "profiles-feed-word-missing"),
        ('filed = "DAY"', 'filed = "DAY"\nwords = "TEXT"', "profiles-key-unknown"),  # nobody's own words are taken
        ('category = "unpaid"', 'category = "other"', "profiles-value-unknown"),
        ('N = "open"', 'N = "new"', "profiles-value-unknown"),
    ],
)
def test_what_is_wrong_with_a_feed_of_grievances_is_named(tmp_path, taken_out, put_in, problem):
    feeds, problems = read(GRIEVED.replace(taken_out, put_in), tmp_path)
    assert feeds == ()
    assert problems == [problem] if problem else len(problems) == 1
