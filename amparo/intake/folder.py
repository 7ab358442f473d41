"""The folder of one batch, in the data folder: delivered files, what was read of them, and the batch's DuckDB file.

It holds personal data in the clear, readable by the installation's user only, and goes when the batch is over.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from django.conf import settings

from amparo.intake.delivered import MANIFESTS


def of(batch: UUID) -> Path:
    return Path(settings.DELIVERY_FOLDER) / str(batch)


def token(batch: UUID) -> str:
    """What the batch's staging tables are called: enough of its id to be alone with."""
    return f"b{batch.hex[-16:]}"


def files(batch: UUID, names: Sequence[str]) -> list[Path]:
    """Return where the delivered files lie: numbered, so that no delivered name ever becomes a path of ours."""
    return [of(batch) / "files" / str(number) for number, _ in enumerate(names)]


def take_in(batch: UUID, paths: Sequence[Path]) -> None:
    """Copy files and their manifests into the batch's folder; on one disk nothing is copied but the name."""
    inside = of(batch) / "files"
    inside.mkdir(mode=0o700, parents=True)
    of(batch).chmod(0o700)
    for number, path in enumerate(paths):
        _take(path, inside / str(number))
        for ending in MANIFESTS:
            beside = path.with_name(path.name + ending)
            if beside.exists():
                _take(beside, inside / f"{number}{ending}")


def _take(source: Path, target: Path) -> None:
    """Link where that is possible: a delivery of gigabytes is not written twice."""
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)


def forget_work(batch: UUID) -> None:
    """Remove everything but the delivered files."""
    for each in of(batch).iterdir():
        if each.name == "files":
            continue
        shutil.rmtree(each) if each.is_dir() else each.unlink()


def remove(batch: UUID) -> None:
    shutil.rmtree(of(batch), ignore_errors=True)
