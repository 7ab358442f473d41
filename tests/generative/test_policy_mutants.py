"""A gate that was broken is noticed: each way of breaking the query's condition, and each broken policy of the database (B7)."""

import ast
import copy
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.registry.actions.protecting import protect
from amparo.registry.models import Household
from amparo.trust import scope
from amparo.trust.context import acting
from amparo.trust.types import Actor, Permission, Scope, ScopeKind
from tests.lib import audit_log, contacts, country

WORK = Permission.READ_HOUSEHOLD
NORTH, SOUTH = ("n1", "n2"), ("s1",)
# Who is shown homes of which areas; those of people in danger, who lie below zero, stand with a minus.
SHOWN = {
    "amina": (*NORTH,),
    "chen": (*SOUTH,),
    "bruno": (*NORTH, *SOUTH),
    "ines": (*NORTH, *SOUTH),
    "nadia": (*NORTH, "-n1"),
}
# The same of scopes that none of the cast has: of areas, but none; of the nation, people in danger as well.
WITHOUT_OFFICE = {ScopeKind.AREA: (), ScopeKind.WHOLE: (*NORTH, *SOUTH, "-n1")}
# Tables whose rows lie where their household does.
TABLES = (
    "registry_household",
    "registry_person",
    "registry_membership",
    "registry_observation",
    "registry_fact_person",
    "registry_contact",
)


@pytest.fixture(scope="module")
def world(database) -> dict[int, str]:
    """A home in each village, and one in n1 of somebody in danger; returns the number of each village → its code."""
    contacts.install()
    numbers = {}
    for area in (*NORTH, *SOUTH):
        home = country.household(area, {"given_name": "Yara"}, rooms=1, phone="+999 1", on=clock.today())
        numbers[Household.objects.using("bulk").get(id=home).area_number] = area
    home = country.household("n1", {"given_name": "Bodil"}, rooms=1, phone="+999 2", on=clock.today())
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT person_id FROM registry_membership WHERE household_id = %s", [home])
        ((bodil,),) = cursor.fetchall()
    with acting(country.cast().nadia.narrowed(Permission.PROTECT)) as by:
        protect(bodil, by=by, on=clock.today(), under=country.GROUND)
    return numbers


def told(number: int, world: dict[int, str]) -> str:
    return world[number] if number >= 0 else f"-{world[-number]}"


def acting_as(name: str) -> Actor:
    return getattr(country.cast(), name).narrowed(WORK)


# ---- the first gate


class Mutants(ast.NodeVisitor):
    """Every place of a module where one small thing may be wrong, with what it would be."""

    def __init__(self) -> None:
        self.found: list[tuple[ast.AST, str, object]] = []

    def visit_Compare(self, node: ast.Compare) -> None:
        other = {ast.Is: ast.IsNot(), ast.In: ast.NotIn(), ast.NotIn: ast.In(), ast.Eq: ast.NotEq()}
        self.found.append((node, "ops", [other[type(node.ops[0])]]))
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.found.append((node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And()))
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        self.found.append((node, "test", ast.UnaryOp(ast.Not(), node.test)))
        self.found.append((node, "test", ast.Constant(False)))
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.found.append((node, "test", ast.UnaryOp(ast.Not(), node.test)))
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.found.append((node, "op", ast.BitAnd()))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        swaps = {" OR ": " AND ", "false": "true", "true": "false", ".area_number >= 0": ".area_number <= 0"}
        swaps |= {"__lt": "__gt", ".area_number BETWEEN %s AND %s": ".area_number <> %s OR %s IS NULL"}
        for text, other in swaps.items():
            if isinstance(node.value, str) and text in node.value and len(node.value) < 60:
                self.found.append((node, "value", node.value.replace(text, other)))


# Of programmes and citizens, whom nobody here is, and of what is never asked together: held by other tests.
OF_OTHERS = ("PROGRAMME", "CITIZEN", "programmes", "person")


def mutants() -> Iterator[tuple[str, ModuleType]]:
    """Yield the module of the first gate once for each way in which it may be broken, with the place."""
    with open(scope.__file__) as file:
        whole = ast.parse(file.read())
    gates = [each for each in whole.body if isinstance(each, ast.FunctionDef) and each.name in ("within", "where")]
    count = 0
    for gate in gates:
        visitor = Mutants()
        visitor.visit(gate)
        count += len(visitor.found)
    for index in range(count):
        broken = copy.deepcopy(whole)
        found = []
        for gate in [
            each for each in broken.body if isinstance(each, ast.FunctionDef) and each.name in ("within", "where")
        ]:
            visitor = Mutants()
            visitor.visit(gate)
            found += [(gate.name, *each) for each in visitor.found]
        name, node, attribute, value = found[index]
        before = ast.unparse(node)
        if any(each in before for each in OF_OTHERS):
            continue
        setattr(node, attribute, value)
        module = ModuleType("broken_scope")
        exec(compile(ast.fix_missing_locations(broken), "broken", "exec"), module.__dict__)
        yield f"{name}: {before[:60]} → {ast.unparse(node)[:60]}", module


def wrongly_shown(module: ModuleType, world: dict[int, str]) -> list[str]:
    """Ask with the first gate alone, as each of the cast; return where it differs from what each is to be shown."""
    found = []
    placed = [(name, acting_as(name), areas) for name, areas in SHOWN.items()]
    placed += [(kind.value, _Scoped(Scope(kind)), areas) for kind, areas in WITHOUT_OFFICE.items()]
    for name, by, areas in placed:
        rows = Household.objects.using("bulk")
        by_query = module.within(rows.all(), by).values_list("area_number", flat=True)
        condition, values = module.where(by, of="registry_household")
        with connections["bulk"].cursor() as cursor:
            cursor.execute(f"SELECT area_number FROM registry_household WHERE {condition}", values)
            by_text = [number for (number,) in cursor.fetchall()]
        for way, numbers in (("within", list(by_query)), ("where", by_text)):
            if sorted({told(each, world) for each in numbers}) != sorted(areas):
                found.append(f"{name} by {way}")
    return found


class _Scoped:
    """Whoever acts in a scope that none of the cast has."""

    def __init__(self, held: Scope) -> None:
        self.scope = held


def is_noticed(ask: Callable[[], object]) -> bool:
    try:
        return bool(ask())
    except Exception:
        return True


def test_whole_the_first_gate_shows_each_what_they_are_to_be_shown(world):
    assert wrongly_shown(scope, world) == []


def test_each_way_of_breaking_the_first_gate_is_noticed(world):
    tried = list(mutants())
    assert len(tried) >= 15
    survived = [place for place, module in tried if not is_noticed(lambda broken=module: wrongly_shown(broken, world))]
    assert survived == ["where: row or of → row and of"]  # of a programme's people, whom nobody here asks for


# ---- the second gate


def wrongly_let_through(world: dict[int, str]) -> list[str]:
    """Ask the database for everything, as each of the cast; return where it differs from what each is to be shown."""
    found = []
    for name, areas in SHOWN.items():
        with acting(acting_as(name)), connections["default"].cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"SELECT DISTINCT area_number FROM {table}")
                if sorted(told(number, world) for (number,) in cursor.fetchall()) != sorted(areas):
                    found.append(f"{name}: {table}")
    return found


def policies(cursor) -> list[tuple[str, str, str]]:
    """Return table, name and condition of each policy over people's rows that the cast is held to."""
    cursor.execute(
        "SELECT tablename, policyname, qual FROM pg_policies WHERE tablename = ANY (%s)"
        " AND policyname IN ('area', 'national', 'sheltered') ORDER BY 1, 2",
        [list(TABLES)],
    )
    return cursor.fetchall()


def test_whole_the_second_gate_lets_each_see_what_they_are_to_see(world):
    assert wrongly_let_through(world) == []


@pytest.mark.parametrize("broken", ["true", "false"])
def test_each_broken_policy_is_noticed(world, server, database, broken):
    survived = []
    with audit_log.almighty(server, database) as cursor:
        known = policies(cursor)
    assert len(known) >= 3 * len(TABLES)
    for table, name, condition in known:
        if condition == broken:
            continue  # as it stands: the nation's lets everything through
        with altered(server, database, table, name, broken, condition):
            if not is_noticed(lambda: wrongly_let_through(world)):
                survived.append(f"{table}: {name}")
    assert survived == []


def test_a_table_whose_row_security_is_off_is_noticed(world, server, database):
    for table in TABLES:
        with audit_log.almighty(server, database) as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        try:
            assert any(each.endswith(table) for each in wrongly_let_through(world))
        finally:
            with audit_log.almighty(server, database) as cursor:
                cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")


class altered:
    """Let a policy have another condition within a block."""

    def __init__(self, server, database: str, table: str, name: str, broken: str, condition: str) -> None:
        self.where = server, database
        self.statement = f"ALTER POLICY {name} ON {table} USING ({{}})"
        self.broken, self.condition = broken, condition

    def __enter__(self) -> None:
        with audit_log.almighty(*self.where) as cursor:
            cursor.execute(self.statement.format(self.broken))

    def __exit__(self, *error: object) -> None:
        with audit_log.almighty(*self.where) as cursor:
            cursor.execute(self.statement.format(self.condition))


def test_every_other_table_is_closed_by_the_same_words(world, server, database):
    """What was tried on five tables holds of all: their policies of these names are the same conditions."""
    with audit_log.almighty(server, database) as cursor:
        cursor.execute(
            "SELECT policyname, array_agg(DISTINCT qual) FROM pg_policies"
            " WHERE policyname IN ('area', 'national') AND qual LIKE '%%area_number%%' OR policyname = 'national' GROUP BY 1"
        )
        found = dict(cursor.fetchall())
    assert {name: len(conditions) for name, conditions in found.items()} == {"area": 1, "national": 1}
