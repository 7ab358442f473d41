"""What tests can draw more of, `make acceptance` draws more of."""

import re

from tests.structure import sources

# Where an installation or a run of tests is said to lie or begin; how much is drawn is none of these.
ELSE = {
    "AMPARO_SEED",
    "AMPARO_DATABASE",
    "AMPARO_DATA_DIR",
    "AMPARO_PROFILE",
    "AMPARO_SPARK_MASTER",
    "AMPARO_AUDIT_HOURS",
    "AMPARO_FUZZ_KEEP",
}
NUMBER = re.compile(r'\b(int|float)\(os\.environ\.get\("(AMPARO_[A-Z_]+)"')
READ = re.compile(r'environ(?:\.get\(|\[)"(AMPARO_[A-Z_]+)"')


def read(texts: list[str]) -> set[str]:
    return {name for text in texts for name in READ.findall(text)} - ELSE


def test_every_number_that_a_test_reads_is_set_by_make_acceptance():
    texts = [sources.text(file) for file in sources.files() if file.startswith("tests/") and file.endswith(".py")]
    named = set(re.findall(r"\b(AMPARO_[A-Z_]+)=", sources.text("Makefile")))
    assert len(read(texts)) > 8
    assert read(texts) - named == set()


def test_what_a_test_reads_as_a_number_is_set_to_one():
    texts = [sources.text(file) for file in sources.files() if file.startswith("tests/") and file.endswith(".py")]
    named = dict(re.findall(r"\b(AMPARO_[A-Z_]+)=(\S+)", sources.text("Makefile")))
    numbers = {name: kind for text in texts for kind, name in NUMBER.findall(text) if name not in ELSE}
    assert len(numbers) > 8
    for name, kind in numbers.items():
        assert {"int": int, "float": float}[kind](named[name]) > 0, name


def test_a_planted_number_is_found():
    assert read(["""TURNS = int(os.environ.get("AMPARO_""" + """PLANTED", "3"))"""]) == {"AMPARO_PLANTED"}
