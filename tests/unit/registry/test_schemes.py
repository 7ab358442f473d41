"""Numbers with the right check digits, as those who give them out compute them (ID-1)."""

from random import Random

import pytest

from amparo.registry.schemes import CheckDigit, Scheme, is_sound

LUHN = Scheme("card", 11, CheckDigit.LUHN)
VERHOEFF = Scheme("aadhaar", 12, CheckDigit.VERHOEFF, least_digits=4)
CPF = Scheme("cpf", 11, CheckDigit.CPF)
NIS = Scheme("nis", 11, CheckDigit.NIS)
RUN = Scheme("run", 9, CheckDigit.RUN, least_digits=8)
TCKN = Scheme("tckn", 11, CheckDigit.TCKN)
CHECKED = (LUHN, VERHOEFF, CPF, NIS, RUN, TCKN)


# Examples as manuals give them, or worked by hand: nobody's numbers.
@pytest.mark.parametrize(
    ("scheme", "number"),
    [
        (LUHN, "79927398713"),
        (VERHOEFF, "2363"),
        (CPF, "52998224725"),
        (NIS, "12345678919"),
        (RUN, "123456785"),
        (RUN, "10000013K"),
        (TCKN, "10000000146"),
    ],
)
def test_a_published_number_is_sound(scheme, number):
    assert is_sound(scheme, number)


@pytest.mark.parametrize("scheme", CHECKED, ids=lambda each: each.scheme)
def test_no_single_wrong_digit_passes(scheme):
    """ID-1 asks for 99.9 % of them; a digit that modulo 11 turns to 0 for 10 may hide one in some hundred."""
    random, wrong, passed = Random(7), 0, 0
    for _ in range(60):
        number = sound_number(scheme, random)
        for place in range(len(number)):
            for digit in "0123456789":
                if digit != number[place]:
                    wrong += 1
                    passed += is_sound(scheme, number[:place] + digit + number[place + 1 :])
    exact = scheme not in (CPF, NIS)
    assert passed == 0 if exact else passed / wrong < 0.01


def sound_number(scheme: Scheme, random: Random) -> str:
    while True:
        digits = [random.choice("0123456789") for _ in range(scheme.digits - 2)]
        for end in range(100):
            number = "".join(digits) + f"{end:02}"
            if is_sound(scheme, number):
                return number


@pytest.mark.parametrize("number", ["", "1", "7992739871", "079927398713", "7992739871X", "٧٩٩٢٧٣٩٨٧١٣"])
def test_a_number_of_another_form_is_not_sound(number):
    assert not is_sound(LUHN, number)


@pytest.mark.parametrize("number", ["00000000000", "11111111111", "99999999999"])
def test_one_digit_over_and_over_is_nobodys_cpf(number):
    assert not is_sound(CPF, number)


def test_without_check_digits_the_length_alone_is_asked():
    assert is_sound(Scheme("card", 9), "A12345678")
    assert not is_sound(Scheme("card", 9), "A1234567")
