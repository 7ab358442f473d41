"""The API's description in OpenAPI, made from what each operation declares."""

import json
from functools import cache
from typing import Any

from amparo.interop.declaring import Asks, Declared
from amparo.interop.every_operation import operations
from amparo.interop.problems import KIND
from amparo.trust.modes import is_on

_PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}
_AGAIN = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds after which to ask again."}}
_WHOM = {
    Asks.NOTHING: "Answers everybody.",
    Asks.SIGNED: "Answers a source that signed the message with its registered key, and says nothing of anybody.",
    Asks.MACHINE: "Answers a machine that was let in.",
    Asks.AGREEMENT: "Answers a machine that was let in, under an agreement of its own that is in force.",
}


def document() -> dict[str, Any]:
    """Return the description of what is answered in this mode."""
    served = {path: _served(path, methods) for path, methods in _whole()["paths"].items()}
    return _whole() | {"paths": {path: methods for path, methods in served.items() if methods}}


def _served(path: str, methods: dict[str, Any]) -> dict[str, Any]:
    return {method: told for method, told in methods.items() if is_on(_known(path, method).part)}


def _known(path: str, method: str) -> Declared:
    return operations.declared[path.removeprefix("/api/"), method.upper()]


@cache
def _whole() -> dict[str, Any]:
    """Return the description. Problems are of their own kind of content, and say after how long to ask again."""
    said = json.loads(json.dumps(operations.api.get_openapi_schema(path_prefix="api/")))
    for path, methods in said["paths"].items():
        for method, told in methods.items():
            known = _known(path, method)
            told["description"] = f"{told.get('description', '')}\n\n{_WHOM[known.asks]}".strip()
            told["x-asks"] = known.asks.value
            for status, answer in told["responses"].items():
                _mend(int(status), answer)
    return said


def _mend(status: int, answer: dict[str, Any]) -> None:
    if answer.get("content", {}).get("application/json") == _PROBLEM:
        answer["content"] = {KIND: _PROBLEM}
    if status in (429, 503):
        answer["headers"] = _AGAIN
