"""The same expressions in Spark's SQL: where Ibis writes for Spark what means something else there, or stops a run.

Shape   in: a table as `columnar.columns` makes it, over `ibis.table(…)` of a name; out: one SELECT over that name
Nulls   as in the columnar engine
Errors  the SELECT is for a session with `SETTINGS`: what overflows stops the run there instead of giving another number
"""

from collections.abc import Callable
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import FALSE, SQLGlotCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.backends.sql.dialects import PySpark

# What the meaning of the SELECT rests on, whatever the session was given.
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.enforceReservedKeywords": "true",  # else its parser asks of each CASE whether it is a column
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
}


def sql(table: ir.Table) -> str:
    """Return the table, not yet computed, as one SELECT for Spark."""
    return _Writer(dialect=PySpark).generate(_SPARK.to_sqlglot(table))


class _Compiler(PySparkCompiler):
    """Ibis's own, but for these: what Spark takes amiss, and what Ibis writes twice, which grows with each list inside another."""

    __slots__ = ()

    # A double that is not finite never comes so far: it is no value (`row.of`), or unknown (`expressions`).
    visit_IsNull = SQLGlotCompiler.visit_IsNull
    visit_NotNull = SQLGlotCompiler.visit_NotNull

    def visit_Field(self, op: ops.Field, *, rel: Any, name: str) -> Any:
        # Ibis asks for settings here that only its connection to Spark brings.
        return SQLGlotCompiler.visit_Field(self, op, rel=rel, name=name)

    def visit_NonNullLiteral(self, op: ops.Literal, *, value: Any, dtype: dt.DataType) -> Any:
        if dtype.is_array() and not value:
            return self.cast(self.f.array(), dtype)  # a list of nothing has no type of its own
        if dtype.is_floating():
            return sge.Literal.number(f"{float(value)!r}D")  # without the D a decimal: 1.0 / 3.0 would be 0.333333
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_Least(self, op: ops.Least, *, arg: Any) -> Any:
        return self.f.least(*arg) if len(arg) > 1 else arg[0]  # Spark wants two

    def visit_Greatest(self, op: ops.Greatest, *, arg: Any) -> Any:
        return self.f.greatest(*arg) if len(arg) > 1 else arg[0]

    def visit_ArrayContains(self, op: ops.ArrayContains, *, arg: Any, other: Any) -> Any:
        return self.f.anon.exists(arg, self._lambda(lambda x: self.f.coalesce(x.eq(other), FALSE), "x"))

    def visit_ArrayIndex(self, op: ops.ArrayIndex, *, arg: Any, index: Any) -> Any:
        return self.f.get(arg, index)  # `element_at` stops the run where there is none

    def visit_ArraySlice(self, op: ops.ArraySlice, *, arg: Any, start: Any, stop: Any) -> Any:
        """The first of a list: the engine takes no other part of one, and asks for no number below zero."""
        if not (isinstance(op.start, ops.Literal) and op.start.value == 0) or stop is None:
            raise TypeError("the columnar engine slices from the beginning")
        return self.f.slice(arg, 1, stop)

    def visit_ArrayZip(self, op: ops.ArrayZip, *, arg: Any) -> Any:
        """Elements beside their places: the map knows these, and the elements are written once."""
        if not _are_places(op.arg[1], op.arg[0]):
            raise TypeError("the columnar engine puts nothing but their places beside elements")
        beside = self._lambda(lambda x, i: self.f.named_struct("f1", x, "f2", self.cast(i, dt.int64)), "x", "i")
        return self.f.transform(arg[0], beside)

    def visit_ArraySum(self, op: ops.ArraySum, *, arg: Any) -> Any:
        """An integer sum needs more than 64 bits until it is known to fit, as in DuckDB; of no element it is 0."""
        wide = dt.float64 if op.dtype.is_floating() else dt.Decimal(38, 0)
        add = self._lambda(lambda s, x: self.cast(s + self.f.coalesce(x, 0), wide), "s", "x")
        return self.f.aggregate(arg, self.cast(0, wide), add)

    def _lambda(self, body: Callable[..., Any], *names: str) -> sge.Lambda:
        named = [sg.to_identifier(each, quoted=self.quoted) for each in names]
        return sge.Lambda(this=body(*named), expressions=named)


def _are_places(numbers: Any, elements: Any) -> bool:
    """Whether the numbers are 0, 1, … as many as there are elements."""
    match numbers:
        case ops.IntegerRange(start=ops.Literal(value=0), stop=ops.ArrayLength(arg=counted), step=ops.Literal(value=1)):
            return counted == elements
    return False


class _Writer(PySpark.Generator):
    """Writes operators and CASE as calls of the functions that Spark keeps under their names: `+`(a, b), `when`(a, b).

    Its parser decides what stands before it by reading ahead. A bracket may begin an expression or the names of a
    lambda, and WHEN may be the name of a column: it reads to the end of each, for each one around it again.
    """

    def paren_sql(self, expression: sge.Paren) -> str:
        return self.sql(expression, "this")

    def and_sql(self, expression: sge.And, stack: object = None) -> str:
        return self._chained("and", [self.sql(each) for each in expression.flatten()])

    def or_sql(self, expression: sge.Or, stack: object = None) -> str:
        return self._chained("or", [self.sql(each) for each in expression.flatten()])

    def _chained(self, sign: str, of: list[str]) -> str:
        """In halves, so that a long chain is not a deep one."""
        if len(of) == 1:
            return of[0]
        half = len(of) // 2
        return _call(sign, self._chained(sign, of[:half]), self._chained(sign, of[half:]))

    def case_sql(self, expression: sge.Case) -> str:
        if expression.this:
            raise TypeError("the columnar engine names a condition in each case")
        parts = [part for each in expression.args["ifs"] for part in (each.this, each.args["true"])]
        default = expression.args.get("default")
        return _call("when", *map(self.sql, [*parts, *([default] if default else [])]))

    def not_sql(self, expression: sge.Not) -> str:
        return _call("not", self.sql(expression, "this"))

    def neg_sql(self, expression: sge.Neg) -> str:
        is_number = isinstance(expression.this, sge.Literal)
        return super().neg_sql(expression) if is_number else _call("negative", self.sql(expression, "this"))

    def binary(self, expression: sge.Binary, op: str) -> str:
        left, right = self.sql(expression, "this"), expression.expression
        match op:
            case "IS" if isinstance(right, sge.Null):
                return _call("isnull", left)
            case "IS" if isinstance(right, sge.Not) and isinstance(right.this, sge.Null):
                return _call("isnotnull", left)
            case "<>":
                return _call("not", _call("=", left, self.sql(right)))
            case "=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "%":
                return _call(op, left, self.sql(right))
        raise TypeError(f"written without brackets, {op} would be read otherwise")


def _call(sign: str, *of: str) -> str:
    return f"`{sign}`({', '.join(of)})"


_SPARK = _Compiler()
