"""Has something set as PDF by Typst, in a child process that has limits and knows nothing else.

Everything that people told us reaches the typesetter as JSON and never as its markup, so that nothing in a name is a command.

Nulls   None where a script has no letters in the fonts at hand: never a page with holes
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SETTING = Path(__file__).with_name("setting.py")


def typeset(template: Path, told: dict[str, Any], *, seconds: float) -> bytes | None:
    """Return what is told as PDF/UA, by a template of ours. Raises subprocess.TimeoutExpired where it took too long."""
    child = subprocess.Popen(
        (sys.executable, "-I", str(SETTING), str(template)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what the typesetter complains of may quote the letter
        env={"LC_ALL": "C.UTF-8", "RAYON_NUM_THREADS": "1"},
        cwd=template.parent,
        start_new_session=True,
    )
    with child:
        try:
            made, _ = child.communicate(json.dumps(told, ensure_ascii=False).encode(), timeout=seconds)
        finally:
            child.kill()
    return made if made.startswith(b"%PDF") else None
