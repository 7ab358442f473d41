"""The second gate: row-level security holds alone, whatever the query asks (PRV-1, trust B)."""

import re
from datetime import date

import pytest
from django.db import connections, transaction
from django.db.utils import ProgrammingError

from amparo.kernel.errors import NotPermitted
from amparo.registry import finding
from amparo.registry.models import Household
from amparo.trust.context import acting
from amparo.trust.types import Actor, ActorKind, Grant, Permission, Role, Scope, ScopeKind
from tests.lib import country

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def homes(database):
    return {
        area: country.household(area, {"given_name": "Mariam", "family_name": f"of {area}"})
        for area in ("n1", "n2", "s1")
    }


def rows(statement, *values, using="default"):
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def everything(by):
    """Ask the database for every household, without the first gate."""
    with acting(by):
        return {id for (id,) in rows("SELECT id FROM registry_household")}


def test_an_officer_sees_the_rows_of_the_own_area_and_no_other(homes, cast):
    assert everything(cast.amina.narrowed(Permission.FIND)) == {homes["n1"], homes["n2"]}
    assert everything(cast.chen.narrowed(Permission.FIND)) == {homes["s1"]}
    assert everything(cast.bruno.narrowed(Permission.FIND)) == set(homes.values())
    assert everything(cast.ines.narrowed(Permission.FIND)) == set(homes.values())


def test_without_a_context_the_login_of_the_web_is_refused_the_table(homes):
    with pytest.raises(ProgrammingError, match="permission denied"):
        rows("SELECT id FROM registry_household")


@pytest.mark.parametrize("role", ["amparo_area", "amparo_programme", "amparo_citizen", "amparo_partner"])
def test_a_role_without_a_scope_sees_nobody(homes, role):
    with transaction.atomic():
        rows("SELECT set_config('role', %s, true)", role)
        try:
            with transaction.atomic():
                assert rows("SELECT count(*) FROM registry_person") == [(0,)]
        except ProgrammingError as error:
            assert "permission denied" in str(error)  # noqa: PT017 - refused is as good as empty


def test_the_scope_ends_with_the_transaction_and_leaks_to_nobody(homes, cast):
    everything(cast.amina.narrowed(Permission.FIND))
    assert rows("SELECT current_setting('role'), current_setting('amparo.scope', true)") == [("none", "")]


def test_an_inner_actor_gives_back_the_outer_one(homes, cast):
    amina, chen = (each.narrowed(Permission.FIND) for each in (cast.amina, cast.chen))
    with acting(amina):
        with acting(chen):
            assert rows("SELECT count(*) FROM registry_household") == [(1,)]
        assert rows("SELECT count(*) FROM registry_household") == [(2,)]


def test_an_inner_failure_gives_back_the_outer_actor(homes, cast):
    amina, chen = (each.narrowed(Permission.FIND) for each in (cast.amina, cast.chen))
    with acting(amina):
        with pytest.raises(ProgrammingError), acting(chen):
            rows("SELECT * FROM no_such_table")
        assert rows("SELECT count(*) FROM registry_household") == [(2,)]


def test_an_actor_without_area_or_without_named_permission_is_refused(cast):
    nowhere = Actor(cast.amina.id, ActorKind.OFFICER, (Grant(Role.OFFICER, Scope(ScopeKind.AREA)),))
    with pytest.raises(NotPermitted, match="trust-no-area"):
        everything(nowhere.narrowed(Permission.FIND))
    with pytest.raises(NotPermitted, match="trust-no-permission-named"):
        everything(cast.amina)
    with pytest.raises(NotPermitted, match="trust-not-permitted"):
        cast.amina.narrowed(Permission.DELIVER)


def test_an_auditor_who_is_also_an_officer_of_one_area_finds_only_there(homes, cast):
    both = Actor(cast.emre.id, ActorKind.OFFICER, cast.emre.grants + cast.chen.grants)
    assert everything(both.narrowed(Permission.FIND)) == {homes["s1"]}
    assert both.narrowed(Permission.READ_AUDIT).scope.kind is ScopeKind.NATIONAL


def test_an_officer_cannot_write_a_row_into_another_area(homes, cast):
    amina = cast.amina.narrowed(Permission.REGISTER)
    south = rows("SELECT id, number FROM trust_area WHERE code = 's1'")[0]
    with pytest.raises(ProgrammingError, match="row-level security"), acting(amina):
        rows(
            "INSERT INTO registry_household (id, area_id, area_number, created_at)"
            " VALUES (gen_random_uuid(), %s, %s, now()) RETURNING id",
            *south,
        )


def test_a_move_beyond_the_own_area_is_refused_by_the_database_itself(homes, cast):
    amina = cast.amina.narrowed(Permission.REGISTER)
    (south,) = rows("SELECT id FROM trust_area WHERE code = 's1'")[0]
    for home, target in ((homes["n1"], south), (homes["s1"], south)):
        with pytest.raises(ProgrammingError, match="outside the caller"), acting(amina):
            rows("SELECT amparo_move_household(%s, %s)", home, target)


def test_names_and_identifiers_are_found_only_within_the_scope(homes, cast):
    for actor, areas in ((cast.amina, {"n1", "n2"}), (cast.chen, {"s1"})):
        by = actor.narrowed(Permission.FIND)
        with acting(by):
            found = finding.find_by_name("maryam", by=by, under=country.GROUND)
            assert {each.household_id for each in found} == {homes[area] for area in areas}
    with pytest.raises(ProgrammingError, match="permission denied"):
        rows("SELECT * FROM amparo_search_names('Mariam', 10)")


def test_the_first_gate_holds_alone_with_row_security_out_of_the_way(homes, cast):
    from amparo.trust.scope import within

    amina = cast.amina.narrowed(Permission.FIND)
    seen = within(Household.objects.using("bulk"), amina).values_list("id", flat=True)
    assert set(seen) == {homes["n1"], homes["n2"]}


def test_every_table_is_protected_or_said_to_be_open(database):
    """A new table with `area_number` and no policy, or one granted without being named here, fails."""
    unprotected = rows(
        """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'area_number'
           WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
             AND NOT (c.relrowsecurity AND c.relforcerowsecurity) AND c.relname NOT IN ('trust_audit', 'trust_used_area')"""
    )
    assert unprotected == []
    assert rows("SELECT has_table_privilege('amparo_national', 'trust_used_area', 'SELECT')") == [
        (False,)
    ]  # bulk alone
    partitions_in_reach = rows(
        """SELECT c.relname FROM pg_class c WHERE c.relispartition AND has_table_privilege('amparo_area', c.oid, 'SELECT')"""
    )
    assert partitions_in_reach == []


def test_the_login_of_the_web_inherits_nothing_and_passes_no_gate():
    assert rows("SELECT rolinherit, rolbypassrls, rolsuper FROM pg_roles WHERE rolname = 'amparo_app'") == [
        (False, False, False)
    ]
    assert rows("SELECT rolbypassrls, rolsuper FROM pg_roles WHERE rolname = 'amparo_owner'") == [(False, False)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry_observation SET \"values\" = '{}'",
        "UPDATE registry_observation SET observed_on = observed_on + 1",
        "DELETE FROM registry_observation",
        "TRUNCATE registry_observation",
        "UPDATE trust_audit SET event = 'other'",
        "DELETE FROM trust_audit",
    ],
)
@pytest.mark.parametrize("using", ["owner", "bulk", "default"])
def test_observations_and_audit_rows_are_never_changed(homes, using, statement):
    def kept():
        return [
            rows(
                "SELECT count(*), md5(string_agg(\"values\"::text || observed_on, '')) FROM registry_observation",
                using="bulk",
            ),
            rows("SELECT count(*) FROM trust_audit WHERE event <> 'other'", using="bulk"),
        ]

    before = kept()
    with connections[using].cursor() as cursor:
        try:
            cursor.execute(statement)
        except ProgrammingError as error:
            assert re.search(r"never changed|permission denied|must be owner", str(error))  # noqa: PT017
        else:
            assert cursor.rowcount == 0  # the owner has no policy, so no row to change
    assert kept() == before


def test_the_eraser_empties_an_observation_with_a_ground_and_does_nothing_else(server, database, homes):
    import json

    import psycopg

    passwords = json.loads((server.data_dir / "keys" / "database.json").read_text())
    address = server.server.conninfo(user="amparo_eraser", password=passwords["amparo_eraser"], dbname=database)
    with psycopg.connect(address, autocommit=True) as eraser:
        key = eraser.execute("SELECT subject_id, delivery_id FROM registry_observation ORDER BY 1 LIMIT 1").fetchone()
        where = "WHERE subject_id = %s AND delivery_id = %s"
        for refused in (
            f"UPDATE registry_observation SET \"values\" = '{{}}' {where}",
            f"UPDATE registry_observation SET observed_on = now() {where}",
            f"DELETE FROM registry_observation {where}",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                eraser.execute(refused, key)
        tombstone = json.dumps({"ground": "request of the person", "on": date(2026, 3, 2).isoformat()})
        erase = f"UPDATE registry_observation SET \"values\" = '{{}}', tombstone = %s {where}"
        eraser.execute(erase, [tombstone, *key])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            eraser.execute(erase, [tombstone, *key])
