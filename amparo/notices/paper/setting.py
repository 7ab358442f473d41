"""The child process: sets what is told as JSON on standard input by a template of ours, and writes its PDF to standard output.

Run by itself, as `python -I`, and imports nothing of ours. It is given no settings, no credentials, no network and no fonts but ours.
A character for which no font has a letter ends it without a word: PDF/UA allows no empty boxes.
"""

import resource
import sys
from importlib.util import find_spec
from pathlib import Path

FONTS = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic")
SECONDS, MEMORY_BYTES = 20, 2 << 30


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    told = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(set_letter(told, Path(sys.argv[1])))


def set_letter(told: str, template: Path, **settings: object) -> bytes:
    """Return a letter as PDF/UA (or in another format of the typesetter's)."""
    import typst

    asked = {"pdf_standards": ["ua-1"], **settings}
    return typst.compile(  # type: ignore[return-value]
        template,
        root=template.parent,
        sys_inputs={"letter": told},
        font_paths=_fonts(),
        ignore_system_fonts=True,
        **asked,
    )


def _fonts() -> list[Path]:
    """Return the folders of the fonts that came with our packages; none of them is imported."""
    found = (find_spec(each) for each in FONTS)
    return [Path(each.origin).parent / "files" for each in found if each and each.origin]


if __name__ == "__main__":
    main()
