"""E-mail: over an encrypted line or not at all, and nothing but the neutral text."""

import pytest

from tests.lib import gateways
from tests.unit.notices.setting import attempts, home, sent, states, told

AT = {"told_by": "email", "email": "yara@mail.example"}


def test_it_goes_once_over_an_encrypted_line_with_the_neutral_text_alone(words, post):
    told(home(**AT))
    assert [sent(), sent()] == [{"sent": 1}, {}]
    [letter] = post.letters
    for line in ("To: yara@mail.example", "From: office@amparo.example", "Subject: News (en)", "Message-ID: <"):
        assert line in letter
    for kept in ("Yara", "Help for homes", "poor_home", "Mill lane"):
        assert kept not in letter
    assert attempts() == [("email", "", None, True)]


def test_a_server_that_does_not_encrypt_is_handed_nothing(words, post):
    post.encrypts = False
    told(home(**AT))
    assert sent() == {"unsafe": 1}
    assert post.letters == []


def test_a_server_whose_certificate_nobody_vouches_for_is_handed_nothing(words, post, configured):
    configured["email"]["authority"] = ""
    told(home(**AT))
    assert sent() == {"unsafe": 1}
    assert post.letters == []


@pytest.mark.parametrize(
    ("verb", "answer", "reason", "code"),
    [
        ("RCPT", "550 no such user", "refused", 550),
        ("MAIL", "451 later", "refused", 451),
        ("DATA", "554 no", "refused", 554),
        ("EHLO", "gibberish", "unsafe", None),
    ],
)
def test_what_a_server_refuses_is_tried_again_and_says_what_it_answered(words, post, verb, answer, reason, code):
    post.refuses[verb] = answer
    told(home(**AT))
    assert sent() == {reason: 1}
    assert attempts() == [("email", reason, code, True)]


def test_nobody_is_there(words, configured):
    configured["email"] |= {"host": gateways.HERE, "port": 1}
    told(home(**AT))
    assert sent() == {"silent": 1}


@pytest.mark.parametrize("address", ["yara@mail.example\r\nBcc: all@mail.example", "yara", "a@b", "<y@mail.example>"])
def test_what_cannot_be_an_address_is_given_up(words, post, address):
    told(home(told_by="email", email=address))
    assert sent() == {"given-up": 1}
    assert states() == [("given-up", "email", "address-unsound", 0)]
    assert post.letters == []
