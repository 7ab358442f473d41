"""The ladder stands in pyproject.toml as contracts; here they are run, and held to be complete."""

import subprocess
import sys
import tomllib

from tests.structure import sources

LADDER = """
project
web | interop | cli
profiles
assessment
insights
cases
payments
programmes | intake
linkage | sources | notices
snapshot
registry
trust
rules | dci
kernel
"""

# What must be pure, whether it is built yet or not.
PURE = ("kernel", "rules", "dci", "linkage/model.py", "insights/indicators", "insights/simulation")


def contracts() -> dict[str, dict]:
    stated = tomllib.loads(sources.text("pyproject.toml"))["tool"]["importlinter"]
    return {each["id"]: each for each in stated["contracts"]}


def test_every_import_keeps_the_contracts():
    """In a process of its own: the linter sets logging up anew, and silences every logger there is."""
    lint = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports('pyproject.toml', no_cache=True))"
    linted = subprocess.run([sys.executable, "-c", lint], cwd=sources.ROOT, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_ladder_is_the_whole_ladder_and_nothing_else():
    rungs = [each.replace("(", "").replace(")", "") for each in contracts()["ladder"]["layers"]]
    assert rungs == LADDER.split("\n")[1:-1]
    assert contracts()["ladder"]["exhaustive"]


def test_a_package_that_exists_is_not_called_optional():
    named = " ".join(contracts()["ladder"]["layers"])
    assert [each for each in sources.packages() if f"({each})" in named] == []


def test_every_owner_of_tables_keeps_its_models_to_itself():
    kept = {
        (package.removeprefix("amparo.").removesuffix(".models"), *each["allowed_importers"])
        for each in contracts().values()
        if each["type"] == "protected"
        for package in each["protected_modules"]
    }
    assert kept == {(package, f"amparo.{package}") for package in sources.owners_of_tables()}


def test_everything_pure_is_held_to_it():
    built = {each for each in PURE if any(file.startswith(f"amparo/{each}") for file in sources.files())}
    held = set(contracts()["pure"]["source_modules"])
    assert held == {"amparo." + each.removesuffix(".py").replace("/", ".") for each in built}
    assert {"django", "httpx"} <= set(contracts()["pure"]["forbidden_modules"])
