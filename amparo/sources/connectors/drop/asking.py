"""Asks the newest signed file of an institution's folder for one row.

Shape   beside `x.csv` a manifest `x.json`: {"as_of", "file", "rows", "sha256", "totals": {column: sum}}, and its signature `x.sig`:
        64 bytes of Ed25519 over the manifest's own bytes, in base64. The newest is that with the latest day
Units   seconds for reading, in a child that is killed then; each question reads the whole file, so that it is believed whole
Errors  none is raised: each failure is a reason. A file that is not exactly what was signed says nothing
Source  RFC 8032 (Ed25519)
"""

import base64
import binascii
import json
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from django.conf import settings as installation

from amparo.sources.connectors.drop.settings import public_key
from amparo.sources.connectors.raw import Raw
from amparo.sources.types import Question, Reason

LARGEST_MANIFEST = 1 << 16
MOST_MANIFESTS = 1_000
_COMMAND = (sys.executable, "-I", str(Path(__file__).with_name("reading.py")))


def ask(settings: Mapping[str, Any], question: Question) -> Raw | Reason:
    """Ask about one person."""
    manifest = _newest(settings)
    if isinstance(manifest, Reason):
        return manifest
    told = _read(manifest, settings, question)
    if isinstance(told, Reason):
        return told
    if not _is_what_was_signed(told, manifest):
        return Reason.MALFORMED
    if told["missing"]:
        return Reason.DRIFT
    if len(told["found"]) != 1:
        return Reason.MALFORMED if told["found"] else Reason.NOBODY
    [values] = told["found"]
    names = [each.name for each in question.attributes]
    return Raw({name: each or None for name, each in zip(names, values, strict=True)}, True, manifest["as_of"])


def _newest(settings: Mapping[str, Any]) -> dict[str, Any] | Reason:
    """Return the manifest with the latest day whose signature holds. One that does not hold says that something is wrong."""
    folder = Path(installation.DROPS) / settings["folder"] if installation.DROPS else None
    if folder is None or not folder.is_dir():
        return Reason.DOWN
    found = [_manifest(each, settings) for each in sorted(folder.glob("*.json"))[:MOST_MANIFESTS]]
    if not found:
        return Reason.DOWN
    if None in found:
        return Reason.MALFORMED
    return max((each for each in found if each is not None), key=lambda each: each["as_of"])


def _manifest(path: Path, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    key, signature = public_key(settings), path.with_suffix(".sig")
    try:
        if path.stat().st_size > LARGEST_MANIFEST or signature.stat().st_size > LARGEST_MANIFEST or key is None:
            return None
        content = path.read_bytes()
        key.verify(base64.b64decode(signature.read_bytes().strip(), validate=True), content)
        said = json.loads(content)
        file = path.parent / said["file"]
        is_sound = isinstance(said["as_of"], str) and isinstance(said["totals"], dict) and file.parent == path.parent
    except (OSError, InvalidSignature, binascii.Error, ValueError, KeyError, TypeError, RecursionError):
        return None
    return {**said, "path": str(file)} if is_sound else None


def _read(manifest: Mapping[str, Any], settings: Mapping[str, Any], question: Question) -> dict[str, Any] | Reason:
    wanted = {
        "path": manifest["path"],
        "key": settings["key"],
        "number": question.number,
        "columns": [each.at for each in question.attributes],
        "totals": list(manifest["totals"]),
        "seconds": max(1, round(question.seconds)),
    }
    child = subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what a parser complains of may quote the file
        env={"LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    with child:
        try:
            said, _ = child.communicate(json.dumps(wanted).encode(), timeout=question.seconds)
        except subprocess.TimeoutExpired:
            return Reason.SLOW
        finally:
            child.kill()
    return _understood(said, len(question.attributes))


def _understood(said: bytes, columns: int) -> dict[str, Any] | Reason:
    """Return what the child said where it has the form that it must have; the child may have been taken over by the file."""
    try:
        told = json.loads(said)
        rows = told["found"]
        is_sound = isinstance(rows, list) and all(
            isinstance(row, list) and len(row) == columns and all(isinstance(each, str) for each in row) for row in rows
        )
        return (
            told
            if is_sound and isinstance(told["totals"], dict) and isinstance(told["missing"], bool)
            else Reason.MALFORMED
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return Reason.MALFORMED


def _is_what_was_signed(told: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
    """Whether the file has the rows, sums and bytes that its sender signed for."""
    try:
        totals = all(
            Decimal(str(told["totals"].get(column))) == Decimal(str(total))
            for column, total in manifest["totals"].items()
        )
    except InvalidOperation:
        return False
    return totals and told.get("rows") == manifest.get("rows") and told.get("sha256") == manifest.get("sha256")
