"""Holds how programmes pay against the programmes: one that is none, or that pays nothing itself."""

from amparo.payments.config import PaymentConfig
from amparo.profiles.places import Problems
from amparo.profiles.reading.payments import FILE
from amparo.profiles.types import Profile


def check(profile: Profile, problems: Problems) -> None:
    known = {each.code: each for each in profile.programmes}
    for terms in profile.payments:
        if terms.programme not in known:
            problems.add(FILE, terms.programme, "profiles-payments-programme", known=list(known))
        elif not any(version.amount for version in known[terms.programme].versions):
            problems.add(FILE, terms.programme, "profiles-payments-nothing", programme=terms.programme)
        _check_approvals(terms, problems)


def _check_approvals(terms: PaymentConfig, problems: Problems) -> None:
    """More money needs as many people or more."""
    pairs = [(each.from_minor, each.hands) for each in terms.approvals]
    if pairs != sorted(pairs) or [hands for _, hands in pairs] != sorted(hands for _, hands in pairs):
        problems.add(FILE, terms.programme, "profiles-payments-approvals", programme=terms.programme)
