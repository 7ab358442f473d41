"""Reads `tables/*.toml` and `models/*.toml`: decision tables, scorecards and proxy-means models."""

from pathlib import Path

from amparo.profiles.places import Fault, Place, Problems
from amparo.profiles.reading import files
from amparo.profiles.types import ProfileRefused
from amparo.registry.dictionary import Dictionary, Type
from amparo.rules.contents import (
    REFUSED,
    UNKNOWN,
    Column,
    ModelVersion,
    Question,
    ScoringModel,
    Table,
    TableVersion,
    Variant,
)

TABLES, MODELS = "tables", "models"


def read_tables(folder: Path, words: Dictionary, problems: Problems) -> tuple[Table, ...]:
    found = []
    for file in sorted((folder / TABLES).glob("*.toml")):
        with problems.collected():
            found.append(_table(files.toml(folder, f"{TABLES}/{file.name}"), file.stem, words))
    return tuple(found)


def read_models(folder: Path, words: Dictionary, problems: Problems) -> tuple[ScoringModel, ...]:
    found = []
    for file in sorted((folder / MODELS).glob("*.toml")):
        with problems.collected():
            found.append(_model(files.toml(folder, f"{MODELS}/{file.name}"), file.stem, words))
    return tuple(found)


def read_one(text: str, name: str, words: Dictionary) -> Table | ScoringModel:
    """Return the table or model of one file, which may lie anywhere. Raises Refused for what cannot be read."""
    stem = name.removesuffix(".toml")
    try:
        place = files.toml_text(text, name)
        return _model(place, stem, words) if not place.has("input") else _table(place, stem, words)
    except Fault as fault:
        raise ProfileRefused(name, (fault.problem,)) from None


def _code(place: Place, stem: str) -> str:
    code = place.text("code")
    if code != stem:
        place.refuse("profiles-stated-named-otherwise", code=code, file=f"{code}.toml")
    return code


def _table(place: Place, stem: str, words: Dictionary) -> Table:
    answer = _column(place, _code(place, stem), words)
    gap = place.text_or("gap", REFUSED) or REFUSED
    if gap not in (REFUSED, UNKNOWN):
        place.refuse("profiles-value-unknown", key="gap", value=gap, known=[REFUSED, UNKNOWN])
    inputs = []
    for each in place.tables("input"):
        inputs.append(_column(each, each.text("name"), words))
        each.nothing_left()
    versions = tuple(_table_version(each) for each in place.tables("version"))
    _expect_versions(place, versions)
    place.nothing_left()
    return Table(
        answer.name, tuple(inputs), answer.type, answer.unit, answer.codes, versions, gap, decimals=words.decimals
    )


def _column(place: Place, name: str, words: Dictionary) -> Column:
    type, vocabulary = place.one_of("type", Type), place.text_or("vocabulary", None)
    known = {each.name: each.codes for each in words.vocabularies}
    if (type is Type.CODE) != (vocabulary is not None):
        place.refuse("profiles-vocabulary-misplaced", field=name, type=type.value)
    if vocabulary is not None and vocabulary not in known:
        place.refuse("profiles-vocabulary-unknown", vocabulary=vocabulary, known=list(known))
    return Column(name, type.value, place.text_or("unit", None), known[vocabulary] if vocabulary else ())


def _table_version(place: Place) -> TableVersion:
    found = TableVersion(place.day("from"), place.text("law"), place.text("rows"), place.day_or("until"))
    place.nothing_left()
    return found


def _expect_versions(place: Place, versions: tuple[TableVersion | ModelVersion, ...]) -> None:
    if not versions:
        place.refuse("profiles-stated-empty")
    days = [each.valid_from for each in versions]
    if days != sorted(set(days)):
        place.refuse("profiles-stated-order")


def _model(place: Place, stem: str, words: Dictionary) -> ScoringModel:
    code, probability = _code(place, stem), place.text_or("probability", None)
    versions = tuple(_model_version(each) for each in place.tables("version"))
    _expect_versions(place, versions)
    place.nothing_left()
    return ScoringModel(code, versions, probability, decimals=words.decimals)


def _model_version(place: Place) -> ModelVersion:
    variants = [_variant(each) for each in place.tables("variant")]
    if not variants:
        variants = [Variant("-", place.text_or("constant", "0") or "0", place.text("rows"))]
    found = ModelVersion(
        valid_from=place.day("from"),
        law=place.text("law"),
        questions=tuple(_question(each) for each in place.tables("question")),
        variants=tuple(variants),
        chosen_by=place.text_or("chosen_by", None),
        valid_until=place.day_or("until"),
    )
    place.nothing_left()
    return found


def _variant(place: Place) -> Variant:
    found = Variant(place.text("where"), place.text_or("constant", "0") or "0", place.text("rows"))
    place.nothing_left()
    return found


def _question(place: Place) -> Question:
    found = Question(place.text("name"), place.text("input").strip(), place.whole_or("places", 0) or 0)
    place.nothing_left()
    return found
