"""Holds what other systems tell against the country: the schemes of identifiers by which people are found, conditions, and
the categories of grievances."""

from amparo.cases.types import Kind
from amparo.profiles.places import Problems
from amparo.profiles.reading.feeds import FILE
from amparo.profiles.types import Profile
from amparo.programmes.feeds.mapping import FeedConfig
from amparo.programmes.types import FeedKind


def check(profile: Profile, problems: Problems) -> None:
    known = [each.scheme for each in profile.identifiers]
    for feed in profile.feeds:
        named = feed.fixed.get("identifier_scheme")
        if named is not None and named not in known:
            problems.add(FILE, feed.code, "profiles-value-unknown", key="identifier_scheme", value=named, known=known)
        if feed.kind is FeedKind.COMPLIANCE:
            _conditions(profile, feed, problems)
        if feed.kind is FeedKind.GRIEVANCES:
            _categories(profile, feed, problems)


def _categories(profile: Profile, feed: FeedConfig, problems: Problems) -> None:
    """Report categories that no grievance here has, and sensitive ones: who may see them is known of this house's cases alone."""
    known = [each.code for each in profile.categories if each.kind is Kind.GRIEVANCE and not each.is_sensitive]
    for each in feed.categories:
        if each not in known:
            problems.add(FILE, feed.code, "profiles-value-unknown", key="categories", value=each, known=known)


def _conditions(profile: Profile, feed: FeedConfig, problems: Problems) -> None:
    """Report programmes that are not run here, and conditions that none of those named asks."""
    run_here = {each.code: [condition.code for condition in each.conditions] for each in profile.programmes}
    asked = sorted({code for each in feed.schemes for code in run_here.get(each, ())})
    for key, named, known in (("schemes", feed.schemes, sorted(run_here)), ("conditions", feed.conditions, asked)):
        for each in named:
            if each not in known:
                problems.add(FILE, feed.code, "profiles-value-unknown", key=key, value=each, known=known)
    if not feed.conditions:
        problems.add(FILE, feed.code, "profiles-key-missing", key="conditions")
