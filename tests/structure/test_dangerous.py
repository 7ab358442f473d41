"""What could run a text as something else stands in lists that somebody looked through: SQL, shells, code, weak hashes.

A new place fails until it is looked at and written here with the reason why no stranger's text gets into it.
"""

import ast
import re
from collections.abc import Callable

from tests.structure import sources

SQL = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE \w|DELETE FROM|TRUNCATE|ALTER (TABLE|ROLE)|CREATE (OR REPLACE |UNLOGGED |TEMP )?(TABLE|VIEW|INDEX|DATABASE|ROLE)"
    r"|DROP (TABLE|VIEW|DATABASE|ROLE)|COPY|LEFT JOIN|UNION ALL|WHERE|GROUP BY|SET LOCAL|GRANT|REVOKE)\b"
)
WEAK = {"md5", "sha1"}
GUESSED = {"random", "randint", "choice", "choices", "randrange", "shuffle", "getrandbits", "uuid1"}


def sql_put_together(module: ast.Module) -> list[int]:
    """Return the lines on which a text with words of SQL is put together of others."""
    found = []
    for node in ast.walk(module):
        texts: list[ast.expr] = []
        if isinstance(node, ast.JoinedStr) and any(isinstance(part, ast.FormattedValue) for part in node.values):
            texts = node.values
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
            texts = [node.left, node.right]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            texts = [node.func.value]
        if any(
            isinstance(each, ast.Constant) and isinstance(each.value, str) and SQL.search(each.value) for each in texts
        ):
            found.append(node.lineno)
    return found


def called(module: ast.Module, is_meant: Callable[[str], bool]) -> list[int]:
    """Return the lines on which something is called by a name that is meant: `os.system`, `eval`."""
    return [node.lineno for node in ast.walk(module) if isinstance(node, ast.Call) and is_meant(ast.unparse(node.func))]


def starts_a_shell(module: ast.Module) -> list[int]:
    shells = called(module, lambda name: name in ("os.system", "os.popen", "subprocess.getoutput", "pty.spawn"))
    asked = [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.keyword)
        and node.arg == "shell"
        and not (isinstance(node.value, ast.Constant) and node.value.value is False)
    ]
    return shells + asked


def runs_text(module: ast.Module) -> list[int]:
    return called(module, lambda name: name in ("eval", "exec", "compile", "__import__", "importlib.import_module"))


def unpickles(module: ast.Module) -> list[int]:
    refused = ("pickle.", "marshal.", "shelve.", "dill.", "jsonpickle.", "yaml.load", "yaml.unsafe_load")
    return called(module, lambda name: name.startswith(refused))


def makes_a_template(module: ast.Module) -> list[int]:
    made = ("Template", "engines", "from_string", "mark_safe", "SafeString", "format_html_join")
    return called(module, lambda name: name.split(".")[-1] in made)


def hashes_weakly(module: ast.Module) -> list[int]:
    return called(module, lambda name: name.split(".")[-1] in WEAK or "md5" in name.lower())


def guesses(module: ast.Module) -> list[int]:
    """What is drawn by a generator whose next number can be worked out."""
    return called(module, lambda name: name.startswith("random.") or name.split(".")[-1] == "uuid1")


# Why no text of a stranger becomes SQL in a file. Values are parameters wherever the reason does not say otherwise.
CODE = "pieces that stand in the code; values are parameters"
COLUMNS = (
    "tables and columns of the code or of the dictionary, whose words are lower-case letters, digits and underscores"
)
MAPPING = "the batch's own DuckDB file; names quoted by `name`, texts by `literal`, both tried with any text"
FEED = "a delivery's own DuckDB; names quoted by `name`, texts by `text`, both tried with any text"
FROZEN = "tables that the run made itself, named by the code; amounts and days are numbers"
OWNER = "as the owner, of objects that the code or the dictionary names"
SQL_LOOKED_AT = {
    "amparo/cases/actions/recertifying.py": CODE,
    "amparo/cases/kept.py": CODE,
    "amparo/cases/migrations/0002_gates.py": OWNER,
    "amparo/cases/migrations/0004_transitions.py": OWNER,
    "amparo/cases/transitions.py": COLUMNS,
    "amparo/intake/comparing/compare.py": MAPPING,
    "amparo/intake/comparing/contacts.py": MAPPING,
    "amparo/intake/comparing/erased.py": MAPPING,
    "amparo/intake/comparing/knowing.py": MAPPING,
    "amparo/intake/comparing/names.py": MAPPING,
    "amparo/intake/comparing/staging.py": MAPPING,
    "amparo/intake/delivered.py": MAPPING,
    "amparo/intake/kept.py": CODE,
    "amparo/intake/migrations/0002_quarantine.py": OWNER,
    "amparo/intake/validation/check_digits.py": MAPPING,
    "amparo/intake/validation/checks.py": MAPPING,
    "amparo/intake/validation/entities.py": MAPPING,
    "amparo/intake/validation/parts.py": MAPPING,
    "amparo/intake/validation/quarantine.py": MAPPING,
    "amparo/intake/validation/run.py": MAPPING,
    "amparo/kernel/copying.py": COLUMNS,
    "amparo/notices/kept.py": CODE,
    "amparo/notices/migrations/0002_gates.py": OWNER,
    "amparo/registry/queries/said.py": CODE,
    "amparo/sources/migrations/0002_gates.py": OWNER,
    "amparo/sources/migrations/0003_updates.py": OWNER,
    "amparo/payments/actions/accounts.py": COLUMNS,
    "amparo/payments/actions/reconciling.py": CODE,
    "amparo/payments/actions/sheets.py": COLUMNS,
    "amparo/payments/making.py": CODE,
    "amparo/payments/migrations/0003_arrears.py": OWNER,
    "amparo/payments/owing.py": CODE,
    "amparo/payments/queries/arrears.py": CODE,
    "amparo/payments/queries/terms.py": CODE,
    "amparo/programmes/actions/enrolling.py": CODE,
    "amparo/programmes/actions/feeding.py": CODE,
    "amparo/programmes/actions/following.py": CODE,
    "amparo/programmes/actions/measuring.py": COLUMNS,
    "amparo/programmes/actions/noticing.py": CODE,
    "amparo/programmes/actions/retracting.py": CODE,
    "amparo/programmes/answers.py": FROZEN,
    "amparo/programmes/drafting.py": CODE,
    "amparo/programmes/evaluation.py": FROZEN,
    "amparo/programmes/feeds/finding.py": CODE,
    "amparo/programmes/feeds/reading.py": FEED,
    "amparo/programmes/following.py": CODE,
    "amparo/programmes/gaps.py": CODE,
    "amparo/programmes/kept.py": CODE,
    "amparo/programmes/lifecycle.py": CODE,
    "amparo/programmes/lent.py": OWNER,
    "amparo/programmes/migrations/0004_gates_of_runs.py": OWNER,
    "amparo/programmes/migrations/0012_own.py": OWNER,
    "amparo/programmes/migrations/0013_erasures.py": OWNER,
    "amparo/programmes/migrations/0017_enrolment_gates.py": OWNER,
    "amparo/programmes/migrations/0023_condition_gates.py": OWNER,
    "amparo/programmes/migrations/0028_collectors.py": OWNER,
    "amparo/programmes/migrations/0037_grievances.py": OWNER,
    "amparo/programmes/narrowing.py": FROZEN,
    "amparo/programmes/overlapping.py": CODE,
    "amparo/programmes/previewing.py": FROZEN,
    "amparo/programmes/publishing.py": CODE,
    "amparo/programmes/queries/coverage.py": CODE,
    "amparo/programmes/queries/decisions.py": CODE,
    "amparo/programmes/queries/following.py": CODE,
    "amparo/programmes/queries/matching.py": CODE,
    "amparo/programmes/queries/previews.py": CODE,
    "amparo/programmes/queries/recomputing.py": CODE,
    "amparo/programmes/queries/runs.py": CODE,
    "amparo/programmes/queries/told.py": COLUMNS,
    "amparo/programmes/ranking.py": FROZEN,
    "amparo/programmes/reach.py": CODE,
    "amparo/programmes/results.py": FROZEN,
    "amparo/programmes/telling.py": CODE,
    "amparo/programmes/totals.py": FROZEN,
    "amparo/project/migrating.py": OWNER,
    "amparo/project/scratch.py": OWNER,
    "amparo/registry/actions/protecting.py": CODE,
    "amparo/registry/actions/registering.py": CODE,
    "amparo/registry/attributes.py": COLUMNS,
    "amparo/registry/batch/looking.py": COLUMNS,
    "amparo/registry/batch/staging.py": COLUMNS,
    "amparo/registry/contact_values.py": CODE,
    "amparo/registry/exports.py": COLUMNS,
    "amparo/registry/facts.py": COLUMNS,
    "amparo/registry/finding.py": COLUMNS,
    "amparo/registry/kept.py": COLUMNS,
    "amparo/registry/followed.py": COLUMNS,
    "amparo/registry/lent.py": OWNER,
    "amparo/registry/lists.py": COLUMNS,
    "amparo/registry/migrations/0011_policy.py": OWNER,
    "amparo/registry/migrations/0015_contacts.py": OWNER,
    "amparo/registry/queries/records.py": CODE,
    "amparo/registry/relatives.py": CODE,
    "amparo/snapshot/columnar.py": FROZEN,
    "amparo/snapshot/kept.py": CODE,
    "amparo/snapshot/queries.py": FROZEN,
    "amparo/trust/actions/breaching.py": CODE,
    "amparo/trust/log/acts.py": CODE,
    "amparo/trust/log/auditing.py": CODE,
    "amparo/trust/keeping/places.py": CODE,
    "amparo/trust/gates.py": OWNER,
    "amparo/trust/log/log_rows.py": CODE,
    "amparo/trust/migrations/0005_seals.py": OWNER,
    "amparo/trust/migrations/0006_keys.py": OWNER,
    "amparo/trust/migrations/0011_erasures.py": OWNER,
    "amparo/trust/migrations/0013_policy.py": OWNER,
    "amparo/trust/migrations/0018_watched.py": OWNER,
    "amparo/trust/reached.py": CODE,
    "amparo/trust/keys/resealing.py": COLUMNS,
    "amparo/trust/keys/rotation.py": COLUMNS,
    "amparo/trust/watching/counting.py": CODE,
    "amparo/trust/watching/rules.py": CODE,
}
UNPICKLED = {
    "amparo/profiles/reading/exact_yaml.py": "the loader is a SafeLoader: it makes texts, numbers, lists and tables alone"
}
DRAWN = "an invented country, the same for the same number: nobody gains by knowing it"
TEMPLATES = {
    "amparo/cli/commands/bench.py": "`engines` is a measure of ours",
    "amparo/project/postgres/configuration.py": "a file of ours, filled with numbers",
    "amparo/web/area_map.py": "a drawing of ours, which escapes the names in it",
    "amparo/web/area_names.py": "escapes what it is given",
    "amparo/web/flow.py": "a drawing of ours, which escapes what it is given",
    "amparo/web/flow_map.py": "a drawing of ours, which escapes what it is given",
    "amparo/web/staff/factors.py": "a square of dots, drawn by a library from a secret of ours",
    "amparo/web/staff/coverage.py": "drawings of ours, which escape the names in them",
    "amparo/web/staff/home.py": "drawings of ours, which escape the names in them",
    "amparo/web/staff/performance.py": "drawings of ours, which escape the names in them",
}
GUESSABLE = {
    **{
        f"amparo/profiles/synth/{each}.py": DRAWN
        for each in ("chunks", "drawing", "identity", "livelihood", "places", "planting", "structure")
    },
    "amparo/programmes/queries/recomputing.py": "which decisions are worked out again; the number is told, so that others can",
}


def left_out(found: Callable[[ast.Module], list[int]], allowed: dict[str, str]) -> list[str]:
    return [
        f"{file}:{line}"
        for file in sources.python(migrations=True)
        if file not in allowed
        for line in found(sources.tree(file))
    ]


def gone(found: Callable[[ast.Module], list[int]], allowed: dict[str, str]) -> list[str]:
    return [file for file in allowed if not found(sources.tree(file))]


def expect_looked_at(found: Callable[[ast.Module], list[int]], allowed: dict[str, str]) -> None:
    sources.expect_none([*left_out(found, allowed), *(f"{each} is no longer one" for each in gone(found, allowed))])


def test_sql_is_put_together_only_where_it_was_looked_at():
    expect_looked_at(sql_put_together, SQL_LOOKED_AT)


def test_no_shell_is_ever_started():
    expect_looked_at(starts_a_shell, {})


def test_no_text_is_run_as_code():
    expect_looked_at(runs_text, {})


def test_nothing_is_unpickled():
    expect_looked_at(unpickles, UNPICKLED)


def test_no_template_is_made_of_a_text():
    expect_looked_at(makes_a_template, TEMPLATES)


def test_templates_pass_nothing_unescaped():
    sources.expect_none(
        each
        for each in sources.under("amparo", ".html")
        if re.search(r"\|\s*safe\b|autoescape\s+off|\|\s*safeseq|hx-on|javascript:", sources.text(each))
    )


def test_weak_hashes_are_nowhere_in_python():
    """In SQL, MD5 tells rows that changed from rows that did not (`intake/comparing/digests.py` says why that is enough)."""
    expect_looked_at(hashes_weakly, {})


def test_what_nobody_may_guess_is_drawn_by_the_systems_generator():
    expect_looked_at(guesses, GUESSABLE)


def test_planted_faults_are_found():
    planted = sources.parse("""
cursor.execute(f"SELECT * FROM x WHERE name = '{name}'")
cursor.execute("DELETE FROM x WHERE a = '%s'" % name)
cursor.execute("DELETE FROM x WHERE a = %s", [name])
os.system(name)
subprocess.run(name, shell=True)
eval(name)
pickle.loads(name)
Template(name)
hashlib.md5(name)
random.choice(name)
""")
    everything = (sql_put_together, starts_a_shell, runs_text, unpickles, makes_a_template, hashes_weakly, guesses)
    assert [each(planted) for each in everything] == [[2, 3], [5, 6], [7], [8], [9], [10], [11]]
