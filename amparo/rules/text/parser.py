"""Text → syntax. Hostile text is refused in time linear in its length.

Errors  RuleRefused with line and column: too long, too deep, or no rule of the language; the most likely mistakes
        (`and`, `=`, `a < b < c`) are answered with what to write instead
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from lark import Lark, Token, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive

from amparo.rules.lower.numbers import LARGEST
from amparo.rules.model.nodes import NOWHERE, Place
from amparo.rules.model.rule import RuleRefused
from amparo.rules.text import syntax

LONGEST = 8000  # characters
DEEPEST = 32  # levels; the CEL implementations that others check our rules with stop there too

_WRITE_INSTEAD = {
    "and": "&&",
    "AND": "&&",
    "&": "&&",
    "or": "||",
    "OR": "||",
    "|": "||",
    "not": "!",
    "NOT": "!",
    "=": "==",
    "is": "==",
    "<>": "!=",
    "if": "condition ? value : other value",
    "True": "true",
    "False": "false",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "×": "*",
    "÷": "/",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
}
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


@lru_cache(maxsize=1_000)  # a rule is checked again for each worked case, and what is returned is never changed
def parse(text: str) -> syntax.Syntax:
    """Return the syntax of a rule's text, or raise RuleRefused."""
    if len(text) > LONGEST:
        raise RuleRefused("rules-too-long", NOWHERE, length=len(text), most=LONGEST)
    if not text.strip():
        raise RuleRefused("rules-empty", NOWHERE)
    try:
        return _Builder().transform(_parser().parse(text))
    except UnexpectedInput as unexpected:
        raise _refusal(unexpected, text) from None
    except VisitError as error:  # lark wraps what our own callbacks raise
        raise error.orig_exc from None


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text()
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _refusal(unexpected: UnexpectedInput, text: str) -> RuleRefused:
    token = unexpected.token if isinstance(unexpected, UnexpectedToken) else None
    if token is not None and token.type == "$END":
        return RuleRefused("rules-syntax-end", _end(text))
    start = unexpected.pos_in_stream or 0
    place = Place(unexpected.line, unexpected.column, start, start + 1)
    found = text[start] if token is None else str(token)
    before = text[:start].split()[-1:]
    for word in (text[max(start - 1, 0) : start + 1], found, *before):
        if word in _WRITE_INSTEAD:
            return RuleRefused("rules-syntax-write", place, found=word, write=_WRITE_INSTEAD[word])
    return RuleRefused("rules-syntax", place, found=found[:40])


def _end(text: str) -> Place:
    lines = text.rstrip().split("\n")
    return Place(len(lines), len(lines[-1]) + 1, len(text.rstrip()), len(text))


def _place(meta: Meta) -> Place:
    return Place(meta.line, meta.column, meta.start_pos, meta.end_pos)


def _token_place(token: Token) -> Place:
    return Place(token.line or 1, token.column or 1, token.start_pos or 0, token.end_pos or 0)


def _unescaped(literal: str) -> str:
    parts = literal[1:-1].split("\\")
    rest = iter(parts[1:])
    words = [parts[0]]
    for part in rest:
        # An escaped backslash leaves an empty part before the next one.
        words.append(_ESCAPED.get(part[0], part[0]) + part[1:] if part else "\\" + next(rest, ""))
    return "".join(words)


class _Built(NamedTuple):
    """A syntax node with the depth of the text below it, parentheses included."""

    node: syntax.Syntax
    depth: int


@v_args(meta=True)
class _Builder(Transformer_NonRecursive):
    """Builds from the leaves without recursion, so that no text can exhaust the stack."""

    def start(self, meta: Meta, children: list[_Built]) -> syntax.Syntax:
        return children[0].node

    def parenthesis(self, meta: Meta, children: list[_Built]) -> _Built:
        return _Built(children[0].node, self._depth(meta, children))

    def name(self, meta: Meta, children: list[Token]) -> _Built:
        return _Built(syntax.Name(_place(meta), str(children[0])), 1)

    def integer(self, meta: Meta, children: list[Token]) -> _Built:
        if len(children[0]) > len(str(LARGEST)) or int(children[0]) > LARGEST:
            raise RuleRefused("rules-integer-too-large", _place(meta))
        return _Built(syntax.Value(_place(meta), int(children[0])), 1)

    def number(self, meta: Meta, children: list[Token]) -> _Built:
        if float(children[0]) == float("inf"):
            raise RuleRefused("rules-integer-too-large", _place(meta))
        return _Built(syntax.Value(_place(meta), float(children[0])), 1)

    def text(self, meta: Meta, children: list[Token]) -> _Built:
        return _Built(syntax.Value(_place(meta), _unescaped(children[0])), 1)

    def true(self, meta: Meta, children: list[Token]) -> _Built:
        return _Built(syntax.Value(_place(meta), True), 1)

    def false(self, meta: Meta, children: list[Token]) -> _Built:
        return _Built(syntax.Value(_place(meta), False), 1)

    def null(self, meta: Meta, children: list[Token]) -> _Built:
        raise RuleRefused("rules-null", _place(meta))

    def items(self, meta: Meta, children: list[_Built]) -> _Built:
        return self._built(meta, syntax.ListOf, children, tuple(each.node for each in children))

    def select(self, meta: Meta, children: list[Any]) -> _Built:
        of, name = children
        return self._built(meta, syntax.Select, [of], of.node, str(name), _token_place(name))

    def optional(self, meta: Meta, children: list[Any]) -> _Built:
        of, name = children
        return self._built(meta, syntax.Optional, [of], of.node, str(name), _token_place(name))

    def function(self, meta: Meta, children: list[Any]) -> _Built:
        name, *arguments = children
        nodes = tuple(each.node for each in arguments)
        return self._built(meta, syntax.Call, arguments, None, str(name), _token_place(name), nodes)

    def method(self, meta: Meta, children: list[Any]) -> _Built:
        of, name, *arguments = children
        nodes = tuple(each.node for each in arguments)
        return self._built(meta, syntax.Call, [of, *arguments], of.node, str(name), _token_place(name), nodes)

    def unary(self, meta: Meta, children: list[Any]) -> _Built:
        operator, of = children
        if operator == "+":
            raise RuleRefused("rules-syntax", _token_place(operator), found="+")
        return self._built(meta, syntax.Unary, [of], str(operator), of.node)

    def binary(self, meta: Meta, children: list[Any]) -> _Built:
        left, operator, right = children
        return self._built(meta, syntax.Binary, [left, right], str(operator), left.node, right.node)

    def relation(self, meta: Meta, children: list[Any]) -> _Built:
        if len(children) > 3:
            raise RuleRefused("rules-chained", _token_place(children[3]), first=children[1], second=children[3])
        return self.binary(meta, children)

    def either(self, meta: Meta, children: list[_Built]) -> _Built:
        return self._built(meta, syntax.Chain, children, "||", tuple(each.node for each in children))

    def every(self, meta: Meta, children: list[_Built]) -> _Built:
        return self._built(meta, syntax.Chain, children, "&&", tuple(each.node for each in children))

    def ternary(self, meta: Meta, children: list[_Built]) -> _Built:
        return self._built(meta, syntax.Ternary, children, *(each.node for each in children))

    def _built(self, meta: Meta, kind: type[syntax.Syntax], below: list[_Built], *values: Any) -> _Built:
        return _Built(kind(_place(meta), *values), self._depth(meta, below))

    def _depth(self, meta: Meta, below: list[_Built]) -> int:
        depth = 1 + max((each.depth for each in below), default=0)
        if depth > DEEPEST:
            raise RuleRefused("rules-too-deep", _place(meta), most=DEEPEST)
        return depth
