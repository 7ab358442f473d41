"""Reads `feeds.toml`: how the file of each programme system is read, in a table named for the system."""

from collections.abc import Mapping
from pathlib import Path

from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files
from amparo.programmes.feeds.mapping import VOCABULARY, FeedConfig, Vocabulary
from amparo.programmes.types import FeedKind

FILE = "feeds.toml"
_DECIMALS = range(5)
_WHOLES = (1, 100)


def read_feeds(folder: Path, decimals: int, problems: Problems) -> tuple[FeedConfig, ...]:
    """Return what the file states; where there is none no other system tells anything."""
    found: list[FeedConfig] = []
    if not (folder / FILE).is_file():
        return ()
    with problems.collected():
        for code, place in files.toml(folder, FILE).named_tables():
            with problems.collected():
                found.append(_feed(code, place, decimals))
    return tuple(found)


def _feed(code: str, place: Place, decimals: int) -> FeedConfig:
    kind = place.one_of("kind", FeedKind) if place.has("kind") else FeedKind.BENEFITS
    told = VOCABULARY[kind]
    found = FeedConfig(
        code=code,
        kind=kind,
        schemes=place.texts("schemes"),
        conditions=place.texts("conditions"),
        reasons=place.texts("reasons"),
        categories=place.texts("categories"),
        columns=_pairs(place.table("columns"), told.words),
        fixed=_pairs(place.table("fixed"), told.words),
        codes=_codes(place.table("codes"), told),
        decimals=place.whole_or("decimals", decimals),
        month=place.text_or("month", FeedConfig.month),
        day=place.text_or("day", FeedConfig.day),
        decimal=place.text_or("decimal", FeedConfig.decimal),
        separator=place.text_or("separator", None),
        encoding=place.text_or("encoding", None),
        ignore_rest=place.truth_or("ignore_rest", False),
        whole=place.whole_or("whole", FeedConfig.whole) or 0,
        agreement=place.text_or("agreement", FeedConfig.agreement),
        insurance=place.texts("insurance"),
    )
    place.nothing_left()
    _expect_whole(found, place)
    _expect_codes(found, place)
    return found


def _pairs(place: Place, known: tuple[str, ...]) -> dict[str, str]:
    found = {word: place.text(word) for word in known if place.has(word)}
    place.nothing_left()
    return found


def _codes(place: Place, told: Vocabulary) -> dict[str, Mapping[str, str]]:
    found = {}
    for word in told.coded:
        if place.has(word):
            inner = place.table(word)
            found[word] = {theirs: inner.text(theirs) for theirs in list(inner.left)}
    place.nothing_left()
    return found


def _expect_whole(feed: FeedConfig, place: Place) -> None:
    """Without these nothing can be made of a row; and a row must name somebody."""
    told = feed.columns.keys() | feed.fixed.keys()
    for word in feed.vocabulary.needed:
        if word not in told:
            place.refuse("profiles-feed-word-missing", feed=feed.code, word=word)
    if not {"reference", "identifier"} & feed.columns.keys():
        place.refuse("profiles-feed-names-nobody", feed=feed.code)
    if "identifier" in feed.columns and "identifier_scheme" not in told:
        place.refuse("profiles-feed-word-missing", feed=feed.code, word="identifier_scheme")
    for word in feed.columns.keys() & feed.fixed.keys():
        place.refuse("profiles-feed-word-twice", feed=feed.code, word=word)
    for each in feed.insurance:
        if each not in feed.schemes:
            place.refuse("profiles-value-unknown", key="insurance", value=each, known=list(feed.schemes))
    if feed.decimals not in _DECIMALS or len(feed.decimal) != 1:
        place.refuse("profiles-value-wrong", key="decimals, decimal", example="2, “.”")
    if feed.whole not in _WHOLES:
        place.refuse("profiles-value-wrong", key="whole", example="1, 100")
    if feed.kind is FeedKind.COMPLIANCE and not {"met", "share"} & told:
        place.refuse("profiles-feed-word-missing", feed=feed.code, word="met")
    if feed.kind is not FeedKind.COMPLIANCE and (feed.conditions or feed.reasons):
        place.refuse("profiles-key-unknown", key="conditions, reasons")
    if feed.kind is not FeedKind.GRIEVANCES and feed.categories:
        place.refuse("profiles-key-unknown", key="categories")
    if feed.kind is FeedKind.GRIEVANCES and not feed.categories:
        place.refuse("profiles-key-missing", key="categories")


def _expect_codes(feed: FeedConfig, place: Place) -> None:
    """What a row means in the end must be a code of ours."""
    for word in feed.vocabulary.coded:
        named = [*feed.codes.get(word, {}).values(), *filter(None, [feed.fixed.get(word)])]
        # A fixed value is read like a column's, so that it may be one of the system's own codes.
        known = [*feed.allowed(word), *feed.codes.get(word, {})]
        for each in named:
            if each not in known:
                place.refuse("profiles-value-unknown", key=word, value=each, known=list(feed.allowed(word)))
