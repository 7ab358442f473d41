"""Deliveries before, during and after a change of keys: nobody twice, no number lost, what was compared is compared anew."""

import pytest

from amparo.intake.work import Work
from amparo.project.sealed import SEALED
from amparo.trust.keys import rotation
from amparo.trust.keys.keyring import keyring, keys
from tests.lib import sealed_rows
from tests.unit.intake.census import BY, HOUSEHOLDS, PERSONS, delivered, rows

pytestmark = pytest.mark.usefixtures("fresh_database", "own_keys")
IDENTIFIERS = (
    "SELECT count(*), count(*) FILTER (WHERE is_live), count(*) FILTER (WHERE contested) FROM registry_identifier"
)


def change_keys(*, retire=True):
    key = rotation.add_key(by=BY)
    assert rotation.rotate(SEALED, by=BY, rest=0).left == 0
    if retire:
        for each in keys(using="bulk"):
            if each.number != key.number:
                rotation.retire(each.number, SEALED, by=BY)
    return key.number


def texts():
    return sorted(text.decode() for column, _, text, _ in sealed_rows.opened() if column == "registry_identifier.value")


@pytest.mark.parametrize("times", [1, 2])
def test_whoever_was_registered_before_is_known_by_identifier_after(tmp_path, times):
    delivered(tmp_path / "a")
    for _ in range(times):
        number = change_keys()
    # The same people by other keys of another source's record: found by their identifiers only.
    other = PERSONS.replace("    1  |", "    x  |").replace("    2  |", "    y  |")
    receipt = delivered(
        tmp_path / "b",
        households=HOUSEHOLDS.replace("    1  |", "    x  |").replace("    2  |", "    y  |"),
        persons=other,
    )
    assert receipt["persons"]["linked"] == 2
    assert rows(IDENTIFIERS) == [(2, 2, 0)]
    assert texts() == ["11", "12"]
    assert keyring(using="bulk").blinding == number == times + 1


def test_the_same_delivery_after_a_change_counts_people_with_identifiers_as_changed_once(tmp_path):
    delivered(tmp_path / "a")
    change_keys()
    assert rows(
        "SELECT count(*) FILTER (WHERE last_digest IS NULL), count(*) FROM registry_subject WHERE grain = 'person'"
    ) == [(2, 3)]
    people = []
    for visit in ("b", "c"):
        again = PERSONS + f"    2  | {8 + (visit == 'c')} | Extra | male | 2001-01-01 |\n"
        people.append(delivered(tmp_path / visit, persons=again)["persons"])
    assert [(each["changed"], each["unchanged"]) for each in people] == [(2, 1), (0, 3)]
    assert rows(IDENTIFIERS) == [(2, 2, 0)]


@pytest.mark.parametrize("retire", [False, True])
@pytest.mark.parametrize("step", ["compare", "stage"])
def test_a_delivery_in_the_middle_of_which_the_keys_change_is_compared_again(tmp_path, monkeypatch, step, retire):
    """What was blinded and sealed with the old key is not recorded under the new one, nor closed as refused."""
    delivered(tmp_path / "a", persons=PERSONS.replace("| 12", "| "))
    tried, before = [], getattr(Work, step)

    def interrupted(work, *given):
        tried.append(step)
        if len(tried) > 1 or step == "stage":
            found = before(work, *given)
        else:  # before it is asked who holds them, after the identifiers were blinded
            from amparo.intake.comparing import compare

            with monkeypatch.context() as patch:
                know = compare.know_identifiers
                patch.setattr(compare, "know_identifiers", lambda *a, **k: (change_keys(retire=retire), know(*a, **k)))
                return before(work, *given)
        if len(tried) == 1:
            change_keys(retire=retire)
        return found

    monkeypatch.setattr(Work, step, interrupted)
    receipt = delivered(tmp_path / "b", persons=PERSONS + "    2  | 2 | Lina | female | 1955-01-01 | 13\n")
    assert len(tried) == 2
    assert receipt["state"] == "done"
    assert texts() == ["11", "12", "13"]
    assert rows(IDENTIFIERS) == [(3, 3, 0)]
    assert {key for *_, key in sealed_rows.opened()} == {2}
