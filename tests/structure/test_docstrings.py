"""Where code measures, decides, matches or pays, its module says first what a reader must know to trust a number.

Shape (what comes in and goes out), Units, Nulls (what becomes of the unknown), Errors (what is refused) and Source (the
law, standard or paper followed): each where it applies.
"""

import ast
import re

from tests.structure import sources

FACTS = ("Shape", "Units", "Nulls", "Errors", "Source")

# Module → the facts it must state. A package stands for its __init__.py.
STATES = {
    "kernel/dates": {"Nulls"},
    "kernel/money": {"Errors"},
    "kernel/ids": {"Source"},
    "registry/facts": {"Shape", "Nulls", "Source"},
    "registry/dictionary": {"Nulls"},
    "trust/keys/encryption": {"Errors", "Source"},
    "trust/log/proof": {"Shape", "Nulls", "Errors", "Source"},
    "trust/covering": {"Shape", "Units", "Nulls", "Errors"},
    "trust/machines/jose": {"Errors", "Source"},
    "trust/machines/assertion": {"Units", "Nulls", "Errors", "Source"},
    "trust/limits": {"Shape", "Units", "Errors", "Source"},
    "trust/machines/replies": {"Shape", "Units", "Errors", "Source"},
    "trust/machines/signed_messages": {"Units", "Errors"},
    "trust/calling_out": {"Units", "Errors", "Source"},
    "trust/grounds/pseudonyms": {"Shape", "Errors", "Source"},
    "registry/lent": {"Shape", "Units", "Nulls", "Errors"},
    "registry/sought": {"Shape", "Units", "Nulls", "Errors"},
    "trust/machines/kept_messages": {"Shape", "Nulls", "Errors", "Source"},
    "interop/dci/vocabulary": {"Shape", "Nulls"},
    "programmes/lent": {"Shape", "Nulls"},
    "programmes/checked": {"Shape", "Units", "Nulls", "Errors"},
    "programmes/lent_enrolments": {"Shape", "Nulls", "Errors"},
    "payments/lent": {"Shape", "Units", "Nulls", "Errors"},
    "profiles/lendable": {"Shape", "Nulls"},
    "dci/codes": {"Source"},
    "dci/envelope": {"Shape", "Units", "Nulls", "Errors"},
    "dci/signing": {"Shape", "Units", "Errors", "Source"},
    "dci/sealing": {"Shape", "Errors", "Source"},
    "dci/searching": {"Shape", "Nulls", "Errors"},
    "dci/enrolling": {"Shape", "Errors", "Source"},
    "dci/values": {"Errors"},
    "dci/records": {"Shape", "Units", "Nulls", "Source"},
    "rules/parameters": {"Nulls"},
    "rules/check": {"Errors"},
    "rules/check/tables": {"Nulls", "Errors"},
    "rules/check/scoring": {"Units", "Nulls", "Errors"},
    "rules/contents": {"Shape", "Nulls"},
    "rules/engines/reference": {"Shape", "Units", "Nulls"},
    "rules/engines/columnar": {"Shape", "Units", "Nulls"},
    "rules/trace": {"Shape", "Nulls"},
    "programmes/config": {"Units", "Nulls"},
    "programmes/evaluation": {"Shape", "Units", "Nulls", "Errors"},
    "programmes/feeds/mapping": {"Units", "Nulls"},
    "programmes/feeds/reading": {"Shape", "Units", "Nulls", "Errors"},
    "programmes/feeds/finding": {"Shape", "Nulls", "Errors", "Source"},
    "programmes/actions/feeding": {"Shape", "Units", "Nulls", "Errors", "Source"},
    "programmes/overlapping": {"Shape", "Nulls", "Source"},
    "programmes/actions/overlapping": {"Shape", "Nulls", "Errors"},
    "programmes/nearness": {"Shape", "Units", "Nulls", "Source"},
    "programmes/gaps": {"Shape", "Units", "Nulls", "Source"},
    "programmes/conditions": {"Units", "Nulls"},
    "programmes/following": {"Shape", "Units", "Nulls", "Source"},
    "programmes/actions/following": {"Shape", "Units", "Nulls", "Errors"},
    "programmes/queries/following": {"Shape", "Nulls"},
    "programmes/performance": {"Shape", "Units", "Nulls", "Errors", "Source"},
    "programmes/actions/measuring": {"Shape", "Units", "Nulls", "Errors"},
    "programmes/queries/measuring": {"Shape", "Nulls"},
    "cases/actions/visiting": {"Shape", "Units", "Nulls"},
    "programmes/actions/counting": {"Shape", "Units", "Nulls", "Errors"},
    "programmes/queries/gaps": {"Shape", "Units", "Nulls"},
    "programmes/lifecycle": {"Shape", "Units", "Nulls", "Source"},
    "programmes/queries/coverage": {"Shape", "Units", "Nulls"},
    "programmes/queries/benefits": {"Shape", "Units", "Nulls"},
    "programmes/queries/asking": {"Shape", "Nulls", "Errors", "Source"},
    "registry/queries/said": {"Shape", "Nulls", "Source"},
    "sources/typed": {"Shape", "Units", "Nulls", "Errors"},
    "sources/combining": {"Shape", "Nulls", "Source"},
    "sources/asking": {"Shape", "Units", "Nulls", "Errors"},
    "sources/standing": {"Shape", "Units", "Errors", "Source"},
    "sources/actions/asking": {"Shape", "Units", "Nulls", "Errors", "Source"},
    "sources/connectors/rest/asking": {"Units", "Errors", "Source"},
    "trust/actions/asking": {"Shape", "Nulls", "Errors"},
    "programmes/steps": {"Source"},
    "programmes/procedure": {"Units", "Nulls"},
    "programmes/narrowing": {"Shape", "Nulls", "Errors"},
    "programmes/results": {"Shape", "Units", "Nulls", "Errors"},
    "programmes/previewing": {"Shape", "Units", "Nulls"},
    "programmes/actions/noticing": {"Units", "Nulls", "Errors", "Source"},
    "programmes/queries/recomputing": {"Shape", "Nulls", "Errors"},
    "payments/cycles": {"Shape", "Units", "Nulls", "Errors"},
    "payments/config": {"Units", "Nulls"},
    "payments/making": {"Shape", "Units", "Nulls"},
    "payments/matching": {"Shape", "Nulls"},
    "payments/signing": {"Shape", "Errors", "Source"},
    "payments/owing": {"Shape", "Units", "Nulls", "Errors"},
    "payments/actions/owing": {"Shape", "Units", "Nulls"},
    "payments/actions/preparing": {"Units", "Nulls", "Errors"},
    "payments/actions/exporting": {"Units", "Errors"},
    "payments/actions/reconciling": {"Shape", "Units", "Nulls", "Errors"},
    "payments/rails/bank_file": {"Shape", "Units", "Errors", "Source"},
    "registry/exports": {"Shape", "Units", "Nulls", "Errors"},
    "intake/validation/checks": {"Shape", "Nulls"},
    "intake/validation/quarantine": {"Shape"},
    "intake/validation": {"Shape", "Nulls"},
    "profiles/synth/population": {"Shape", "Source"},
}


def stated(docstring: str) -> set[str]:
    """Return which of the facts a docstring states: the word at the beginning of a line, then what it says."""
    return {each for each in FACTS if re.search(rf"^{each}[ \t]+\S", docstring, re.M)}


def file_of(module: str) -> str:
    alone, folder = f"amparo/{module}.py", f"amparo/{module}/__init__.py"
    return alone if alone in sources.files() else folder


def test_modules_that_measure_or_decide_state_their_facts():
    sources.expect_none(
        f"{file_of(module)} says nothing of {', '.join(sorted(lacking))}"
        for module, wanted in STATES.items()
        if (lacking := wanted - stated(docstring(file_of(module))))
    )


def docstring(file: str) -> str:
    return (ast.get_docstring(sources.tree(file)) or "") if file in sources.files() else ""


def test_no_engine_is_left_out():
    engines = {each.split("/")[3] for each in sources.under("amparo/rules/engines", ".py") if each.count("/") > 3}
    assert {f"rules/engines/{each}" for each in engines} <= STATES.keys()


def test_a_planted_docstring_is_read():
    assert stated("Ages.\n\nNulls   none in, none out\nUnits\nThe Source is law.") == {"Nulls"}
