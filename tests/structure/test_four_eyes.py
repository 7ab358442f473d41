"""Whether one human being makes and checks is asked in one way only: by `trust.eyes`, never by comparing accounts."""

import ast

from tests.structure import sources

# Where an account itself is meant, and not whose it is.
ACCOUNTS_MEANT = {
    "amparo/trust/actions/accounts.py:_with_password": "the password of the account one is signed in with",
    "amparo/trust/actions/accounts.py:change_email": "where one is warned of what happens to the account one is signed in with",
    "amparo/trust/actions/delegating.py:end_delegation": "the two accounts of a delegation",
    "amparo/trust/eyes.py:is_same_human": "it is the question",
    "amparo/intake/actions.py:_expect_few_unfinished": "how many deliveries one account has left unfinished",
    "amparo/trust/actions/exchanging.py:_allowed": "an institution, not a human being",
    "amparo/trust/actions/exchanging.py:receive_records": "the same",
    "amparo/programmes/actions/authoring.py:_own": "one's own draft, which another account of one's own does not change",
    "amparo/web/staff/drafts.py:edit": "the same",
    "amparo/web/staff/drafts.py:draft": "the same, for what the page offers",
}
ACTING = {"by", "request.by", "request.actor", "whoever", "self.by"}


def is_account(node: ast.AST) -> bool:
    """Whether an expression is the id of whoever acts."""
    return isinstance(node, ast.Attribute) and node.attr == "id" and ast.unparse(node.value) in ACTING


def compared(tree: ast.AST) -> list[str]:
    """Return the function of every comparison in which the id of whoever acts stands."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [
        function.name
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Compare) and any(map(is_account, ast.walk(node)))
    ]


def test_nobody_compares_accounts_but_where_accounts_are_meant():
    found = {f"{file}:{name}" for file in sources.python("amparo") for name in compared(sources.tree(file))}
    assert found == set(ACCOUNTS_MEANT)


def test_planted_comparisons_are_found():
    planted = """
def one(by, row): return by.id == row.maker
def two(request, row): return request.by.id in (row.maker, row.checker)
def three(request, row): return row.maker != request.actor.id
def four(by, row): return is_same_human(by, row.maker)
"""
    assert compared(ast.parse(planted)) == ["one", "two", "three"]
