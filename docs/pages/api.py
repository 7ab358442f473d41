"""What a partner's machines may ask: read from the API's own description."""

from collections.abc import Iterator
from typing import Any


def operations() -> str:
    """Return the page of the API: each operation with what it takes and answers, then the shapes."""
    from amparo.interop.description import document

    said = document()
    lines = ["# The API for machines\n"]
    lines += [
        "What a partner's program asks of Amparo, from the description at `/api/v1/openapi.json`. How to begin is told"
    ]
    lines += ["[for integrators](../how-to/integrator.md#ask-over-the-api).\n"]
    lines += [
        "Every refusal has one shape, [Problem](#problem), in the language that `Accept-Language` asks for. Numbers of"
    ]
    lines += ["money are integers of minor units; `null` is unknown, and never no."]
    for path, methods in sorted(said["paths"].items()):
        for method, told in methods.items():
            lines += ["", *_operation(f"{method.upper()} {path}", told)]
    lines.append("\n# Shapes")
    for name, shape in sorted(said["components"]["schemas"].items()):
        lines += ["", *_shape(name, shape)]
    return "\n".join([*lines, ""])


def _operation(name: str, told: dict[str, Any]) -> Iterator[str]:
    yield f"## `{name}`\n"
    yield f"**{told['summary']}.** {' '.join(told['description'].split())}\n"
    taken = [_parameter(each) for each in told.get("parameters", [])]
    if body := told.get("requestBody"):
        kinds = ", ".join(f"`{each}`" for each in body["content"])
        taken.append(f"| body | {_kind(next(iter(body['content'].values()))['schema'])} | as {kinds} |")
    if taken:
        yield from ("| takes | which is | |", "|---|---|---|", *taken, "")
    yield from ("| answers | with |", "|---|---|")
    for status, answer in sorted(told["responses"].items()):
        content = answer.get("content", {})
        shape = _kind(next(iter(content.values()))["schema"]) if content else ""
        yield f"| {status} {answer['description']} | {shape} |"


def _parameter(each: dict[str, Any]) -> str:
    needed = "" if each["required"] else " (may be left out)"
    return f"| `{each['name']}` | {_kind(each['schema'])} in the {each['in']}{needed} | {each.get('description', '')} |"


def _shape(name: str, shape: dict[str, Any]) -> Iterator[str]:
    yield f"## {name}\n"
    if about := shape.get("description"):
        yield f"{' '.join(about.split())}\n"
    yield from ("| name | which is | |", "|---|---|---|")
    for member, told in shape["properties"].items():
        needed = "" if member in shape.get("required", []) else " (may be left out)"
        yield f"| `{member}` | {_kind(told)}{needed} | {told.get('description', '')} |"


def _kind(schema: dict[str, Any]) -> str:
    """Return in a few words what a value is."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(_kind, schema["anyOf"])))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if schema.get("type") == "array":
        return f"a list of {_kind(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"names, each with {_kind(schema['additionalProperties'])}"
    words = {
        "null": "null",
        "string": "text",
        "integer": "a whole number",
        "number": "a number",
        "boolean": "true or false",
    }
    return schema.get("format") or words.get(schema.get("type", ""), "an object")
