"""What the project stands on is named, explained and locked, and no lock says where somebody fetched it from."""

import json
import re
import tomllib

from tests.structure import sources

LINE = re.compile(r'^\s*"(?P<name>[A-Za-z0-9._-]+)[^"]*",\s*(?P<reason># \S.{5,})?$')


def unexplained(toml: str) -> list[str]:
    """Return the dependencies of a pyproject.toml that stand without a comment on their line."""
    stated = tomllib.loads(toml)["project"]
    wanted = [*stated["dependencies"], *(each for extra in stated["optional-dependencies"].values() for each in extra)]
    explained = {match["name"] for line in toml.splitlines() if (match := LINE.match(line)) and match["reason"]}
    return [each for each in wanted if re.match(r"[A-Za-z0-9._-]+", each)[0] not in explained]


def addresses(lock: str) -> list[str]:
    """Return the lines of a lock that name a place to fetch from."""
    return [line.strip() for line in lock.splitlines() if re.search(r"://|--(extra-)?index-url|\"resolved\"", line)]


def test_every_dependency_says_what_it_is_for():
    sources.expect_none(unexplained(sources.text("pyproject.toml")))


def test_locks_hold_no_address():
    sources.expect_none(addresses(sources.text("requirements.lock")))
    packages = json.loads(sources.text("package-lock.json"))["packages"]
    # Where to thank a package's authors is no place it is fetched from.
    fetched = {name: {key: value for key, value in each.items() if key != "funding"} for name, each in packages.items()}
    sources.expect_none(addresses(json.dumps(fetched, indent=1)))


def test_everything_locked_carries_its_hash():
    pinned = re.findall(r"^[A-Za-z0-9._-]+==.*?(?=^[A-Za-z]|\Z)", sources.text("requirements.lock"), re.S | re.M)
    assert len(pinned) > 50
    sources.expect_none(each.splitlines()[0] for each in pinned if "--hash=sha256:" not in each)
    packages = json.loads(sources.text("package-lock.json"))["packages"]
    sources.expect_none(name for name, each in packages.items() if name and "integrity" not in each)


def test_the_locks_hold_what_the_project_asks_for():
    stated = tomllib.loads(sources.text("pyproject.toml"))["project"]
    locked = {name.lower() for name in re.findall(r"^([A-Za-z0-9._-]+)==", sources.text("requirements.lock"), re.M)}
    wanted = [*stated["dependencies"], *stated["optional-dependencies"]["dev"]]
    sources.expect_none(each for each in wanted if re.match(r"[A-Za-z0-9._-]+", each)[0].lower() not in locked)
    asked, kept = json.loads(sources.text("package.json")), json.loads(sources.text("package-lock.json"))
    assert {key: kept["packages"][""].get(key) for key in ("dependencies", "devDependencies")} == {
        key: asked.get(key) for key in ("dependencies", "devDependencies")
    }


def test_planted_faults_are_found():
    toml = (
        '[project]\ndependencies = [\n"one>=1", # first of all\n"two>=2",\n]\n[project.optional-dependencies]\ndev = []'
    )
    assert unexplained(toml) == ["two>=2"]
    assert len(addresses("one==1 \\\n--index-url here\ntwo @ git+ssh://there\n")) == 2
