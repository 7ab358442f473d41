"""What no file of the project may hold, whatever it is for."""

import ast
import os
import re

from tests.structure import sources

# Brackets around single letters, so that this file does not hold what it looks for.
FORBIDDEN = {
    "a path of somebody's machine": r"(?<![\w.:/~-])/(?:home/[a-z]\w*/|root/|work/|Users/\w|mnt/)|\b[A-Z]:\\Users\\",
    "the address of a package registry": r"\b(?:pypi|npm[j]s|crates|pythonhosted|rubygems)\.(?:org|com|io)\b",
    "who or what wrote it": r"(?im)^\W*(?:@author|authors?:|co-authored-[b]y|created by|written by)|__auth[o]r__",
}
# Where a file's own format asks for what looks like one of these.
READ_AS_BYTES = (".png", ".jpg", ".ico", ".xlsx", ".parquet", ".woff2", ".pdf")


def forbidden(content: str) -> list[str]:
    return [f"{what}: {found[0]!r}" for what, pattern in FORBIDDEN.items() if (found := re.search(pattern, content))]


def test_no_file_holds_what_belongs_to_one_machine_registry_or_hand():
    readable = [each for each in sources.files() if not each.endswith(READ_AS_BYTES)]
    sources.expect_none(f"{file}: {fault}" for file in readable for fault in forbidden(sources.text(file)))


def test_the_doors_exist_and_open():
    for door in (".ci/run", "Makefile", "LICENSE", "README.md", "CHANGELOG.md"):
        assert door in sources.files(), door
    assert os.access(sources.ROOT / ".ci/run", os.X_OK)
    assert "make test" in sources.text(".ci/run")
    targets = re.findall(r"^([a-z]+):", sources.text("Makefile"), re.M)
    assert {"demo", "test", "check", "bench", "docs"} <= set(targets)


def test_every_package_and_module_says_what_it_is_for():
    sources.expect_none(
        file
        for file in sources.python("amparo")
        if sources.text(file).strip() and not file.endswith("/apps.py") and not ast.get_docstring(sources.tree(file))
    )


def test_planted_faults_are_found():
    planted = ["open('/{}/mary/x')".format("home"), "see pypi.{}".format("org"), "# {}: Mary".format("Author")]
    assert [len(forbidden(each)) for each in planted] == [1, 1, 1]
    assert forbidden("/var/lib/amparo, homework/done, the author of a rule") == []
