"""What a command says: its result on standard output, everything else on standard error, all from the catalogues."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from amparo.kernel.errors import Refused
from amparo.profiles.languages import CORE, DEFAULT, say

REFUSED = 2
P, R = ParamSpec("P"), TypeVar("R")
errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def language() -> str:
    """Return the language of the terminal: AMPARO_LANGUAGE, else the locale's, where there are words for it."""
    names = ("AMPARO_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    wanted = re.match("[a-z]*", next(filter(None, map(os.environ.get, names)), DEFAULT))[0]
    return wanted if wanted and (CORE / wanted).is_dir() else DEFAULT


def words(id: str, /, **values: Any) -> str:
    return say(id, language(), **values)


Day = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help=words("cli-on"))]
AsJson = Annotated[bool, typer.Option("--json", help=words("cli-json"))]


def as_day(given: datetime | None) -> date | None:
    return given.date() if given else None


def result(values: Mapping[str, Any], *, as_json: bool, sentence: str, **shown: Any) -> None:
    """Print a command's result: one JSON object, or the sentence of the catalogues that the values fill.

    `shown` stands in the sentence in place of a value that only programs read.
    """
    print_line(as_json_text(values) if as_json else words(sentence, **{**values, **shown}))


def print_line(text: str) -> None:
    typer.echo(text)
    sys.stdout.flush()


def note(id: str, /, **values: Any) -> None:
    """Say something about the way to the result."""
    errors.print(words(id, **values))


def as_json_text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=plain)


def plain(value: Any) -> Any:
    """Return what JSON lacks in its own terms: days and times as ISO 8601, exact decimals and ids as text."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def tell_refusal(refusal: Refused, *, as_json: bool = False) -> None:
    """Say what happened, why it matters and what to do."""
    what, *rest = say(refusal.message, language()).split("\n")
    if as_json:
        print_line(
            as_json_text(
                {"refused": refusal.message.id, "values": dict(refusal.message.values), "words": [what, *rest]}
            )
        )
    errors.print(what, style="bold")
    for label, text in zip(("cli-why-it-matters", "cli-what-to-do"), rest, strict=False):
        errors.print(f"  {words(label)} {text}")


def refusing(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command end with words and status 2 where something is refused, and never with a trace."""

    @wraps(command)
    def run(*args: P.args, **settings: P.kwargs) -> R:
        try:
            return command(*args, **settings)
        except Refused as refusal:
            tell_refusal(refusal, as_json=settings.get("as_json", False))
            raise typer.Exit(REFUSED) from None

    return run


def telling_stage(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command that worked on an installation say at its end that this is a trial, where it is one."""

    @wraps(command)
    def run(*args: P.args, **settings: P.kwargs) -> R:
        done = command(*args, **settings)
        context = settings.get("context")
        if getattr(getattr(context, "obj", None), "is_trial", False):
            note("cli-trial")
        return done

    return run


@contextmanager
def progress(id: str) -> Iterator[Callable[[int, int | None], None]]:
    """Show a bar on standard error. Yields a function of what is done and how much there is in all, if that is known."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as shown:
        bar = shown.add_task(words(id), total=None)
        yield lambda done, total=None: shown.update(bar, completed=done, total=total)
