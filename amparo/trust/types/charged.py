"""What a job or a command may do: declared where it is written, and held to while it runs, by the system itself too.

A job that is not declared runs with nothing (`only_what_is_declared`, in the worker), and a command that is not declared
is not built (`amparo.cli.app`). Outside of both nothing is bounded here: a page has its own declaration (`web.access`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from amparo.trust.types.roles import Permission

P, R = ParamSpec("P"), TypeVar("R")

_CHARGED: ContextVar["frozenset[Permission] | None"] = ContextVar("charged", default=None)


def charged(*permissions: "Permission") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare the permissions that a job or command acts under. Whoever acts within it has no other.

    Without any it may ask for nothing, and reaches nobody's record.
    """

    def declared(act: Callable[P, R]) -> Callable[P, R]:
        @wraps(act)
        def bounded(*args: P.args, **settings: P.kwargs) -> R:
            with charged_with(*permissions):
                return act(*args, **settings)

        bounded.permissions = frozenset(permissions)  # type: ignore[attr-defined]
        return bounded

    return declared


@contextmanager
def charged_with(*permissions: "Permission") -> Iterator[None]:
    """Run a block with these permissions and no other; what was charged before comes back after it."""
    before = _CHARGED.set(frozenset(permissions))
    try:
        yield
    finally:
        _CHARGED.reset(before)


def is_charged_with(permission: "Permission") -> bool:
    """Whether what runs now may act under a permission, as far as it was declared."""
    held = _CHARGED.get()
    return held is None or permission in held


def is_charged_beyond(permissions: "frozenset[Permission]") -> bool:
    """Whether what runs now may act under any other permission than these; what nobody declared may."""
    held = _CHARGED.get()
    return held is None or bool(held - permissions)


def is_charged_with_nothing() -> bool:
    return _CHARGED.get() == frozenset()


def only_what_is_declared(run: Callable[[], Any], context: Any, worker: Any) -> Any:
    """Run a job with nothing until its own declaration says what it is charged with."""
    with charged_with():
        return run()
