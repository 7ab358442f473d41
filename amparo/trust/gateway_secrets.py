"""Secrets of gateways: one line in a file of the key folder, which nobody else may read. They stand in no setting and no log."""

from pathlib import Path

from django.conf import settings


def secret(name: str) -> str:
    """Return a secret; empty where its file is not there, or holds what could not stand in a header."""
    path = Path(settings.KEY_FOLDER) / f"{name}.secret"
    found = path.read_text().strip() if path.is_file() else ""
    return found if found.isascii() and found.isprintable() else ""
