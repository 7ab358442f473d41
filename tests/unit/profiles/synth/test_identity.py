import numpy as np
import pytest

from amparo.profiles.synth.identity import luhn, numbers
from amparo.registry.schemes import CheckDigit, Scheme

NATIONAL = Scheme("national_id", 11, CheckDigit.LUHN)


def is_luhn(number: str) -> bool:
    digits = [int(each) for each in reversed(number)]
    doubled = [each if place % 2 == 0 else sum(divmod(2 * each, 10)) for place, each in enumerate(digits)]
    return sum(doubled) % 10 == 0


@pytest.mark.parametrize(("body", "digit"), [(7992739871, 3), (453201511283036, 6), (0, 0), (1, 8)])
def test_the_check_digit_is_luhns(body, digit):
    assert luhn(np.array([body])).tolist() == [digit]


def test_numbers_are_different_valid_and_of_one_length():
    drawn = numbers(NATIONAL, np.arange(64, 300_064), np.zeros(300_000, dtype=bool), seed=3).to_pylist()
    assert len(set(drawn)) == 300_000
    assert {len(each) for each in drawn} == {11}
    assert all(map(is_luhn, drawn[:2_000]))
    assert drawn[0][0] != "0"


def test_one_wrong_digit_never_passes():
    number = numbers(NATIONAL, np.array([1234]), np.array([False]), seed=3).to_pylist()[0]
    for place, digit in enumerate(number):
        for other in set("0123456789") - {digit}:
            assert not is_luhn(number[:place] + other + number[place + 1 :])


def test_numbers_of_neighbours_do_not_look_alike():
    drawn = [int(each) for each in numbers(NATIONAL, np.arange(100), np.zeros(100, dtype=bool), seed=1).to_pylist()]
    steps = np.abs(np.diff(drawn))
    assert np.median(steps) > 10**8


def test_who_has_no_number_has_none():
    assert numbers(NATIONAL, np.arange(3), np.array([True, False, True]), seed=1).null_count == 2
