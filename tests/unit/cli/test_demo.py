"""Who works in the demo: every office that has pages of its own, each with the reach it needs, by name in every language."""

from pathlib import Path

import pytest

from amparo.cli.commands import demo
from amparo.kernel import clock
from amparo.profiles.languages import say
from amparo.trust.queries import account_named, actor_of
from amparo.trust.queries import area as area_named
from amparo.trust.types import OF_AREAS, SCOPE_KIND, Role, ScopeKind

# An analyst has no page that others lack.
NOT_IN_THE_DEMO = {Role.ANALYST}


@pytest.fixture(scope="module")
def opened(velmora, tmp_path_factory) -> Path:
    """A folder as after a first demo of some days ago, when the cast was smaller."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "keys").mkdir()
    whole = demo.CAST
    demo.CAST = {name: whole[name] for name in ("jamal", "keiko")}
    try:
        demo.open_cast(folder, "example")
    finally:
        demo.CAST = whole
    return folder


@pytest.fixture(scope="module")
def velmora(empty_database):
    from amparo.project.country import install_country

    install_country("example")


def test_somebody_holds_each_role_with_the_reach_it_needs_also_in_a_demo_begun_before_they_came(opened):
    before = (opened / "keys" / "demo-password").read_text()
    assert demo.open_cast(opened, "example") == before
    held = {name: actor_of(account_named(name), on=clock.today()).grants for name in demo.CAST}
    assert {grants[0].role for grants in held.values()} == set(Role) - NOT_IN_THE_DEMO
    for (grant,) in held.values():
        kind = SCOPE_KIND[grant.role]
        assert grant.scope.kind is kind
        assert bool(grant.scope.ranges) == (kind in OF_AREAS)
        assert bool(grant.scope.programmes) == (kind is ScopeKind.PROGRAMME)
    assert {account_named(name).check_password(before) for name in demo.CAST} == {True}


def test_nadia_protects_where_amina_works_and_omid_runs_the_first_programme(opened):
    demo.open_cast(opened, "example")
    (amina,), (nadia,), (omid,) = (
        actor_of(account_named(name), on=clock.today()).grants for name in ("amina", "nadia", "omid")
    )
    (north,) = amina.scope.ranges
    assert north in nadia.scope.ranges
    assert omid.scope.programmes == ("child_grant",)


def test_ursa_and_wim_keep_the_rule_of_lanavtan_and_reach_no_further(opened):
    demo.open_cast(opened, "example")
    place = area_named("VM010102")
    for name in ("ursa", "wim"):
        (grant,) = actor_of(account_named(name), on=clock.today()).grants
        assert grant.scope.ranges == ((place.number, place.last_number),)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_everybody_has_a_name_in_the_languages_of_the_pages(language):
    names = [say(f"cli-demo-{name}", language) for name in (*demo.CAST, demo.DALIA)]
    assert len(set(names)) == len(names)
    assert language == "en" or not any(each.isascii() for each in names)
