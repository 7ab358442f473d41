"""Passwords of the house's own words are refused; with enough beside them they are taken (ASVS 6.1.2, 6.2.11)."""

import pytest

from amparo.kernel.errors import Refused
from amparo.trust.identity.weak_passwords import WORDS, refuse_weak
from amparo.trust.models import Account
from tests.structure import sources

REFUSED = [
    "Amparo-2026-Amparo!",
    "example123456789",
    "social.registry.2026",
    "WelcomeOfficer1234",
    "ministry_ministry_1",
]
TAKEN = ["four words at amparo gate", "correct horse battery", "7391-2846-5520-1938", "the registry of lost umbrellas"]


@pytest.mark.parametrize("password", REFUSED)
def test_a_password_made_of_words_of_the_house_is_refused(password):
    with pytest.raises(Refused, match="trust-password-weak"):
        refuse_weak(password, Account(username="amina"))


@pytest.mark.parametrize("password", TAKEN)
def test_what_has_enough_beside_them_is_taken(password):
    refuse_weak(password, Account(username="amina"))


def test_the_document_names_every_word():
    document = sources.text("docs/explanation/signing-in.md")
    sources.expect_none(each for each in WORDS if f"`{each}`" not in document)
