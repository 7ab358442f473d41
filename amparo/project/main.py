"""Where the command `amparo` begins."""

import os
import sys
from pathlib import Path

from amparo.kernel.errors import Refused

PLACES = {"--profile": "AMPARO_PROFILE", "--data-dir": "AMPARO_DATA_DIR"}
ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Take `--profile` and `--data-dir` from anywhere in the command line, then run the command."""
    from amparo.cli.printing import REFUSED, tell_refusal
    from amparo.trust.modes import mode

    try:
        arguments, named = without_places(sys.argv[1:])
        mode()
    except Refused as refusal:
        tell_refusal(refusal, as_json="--json" in sys.argv)
        sys.exit(REFUSED)
    os.environ.update(named)
    profile = os.environ.setdefault("AMPARO_PROFILE", "example")
    data_dir = Path(os.environ.get("AMPARO_DATA_DIR") or default_folder(profile)).absolute()
    os.environ["AMPARO_DATA_DIR"] = str(data_dir)

    from amparo.cli.app import app
    from amparo.project.wiring import Wiring

    with Wiring(profile, data_dir) as wiring:
        app(arguments, prog_name="amparo", obj=wiring)


def without_places(arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return the arguments without the two options, and the options as environment variables. `--` ends the search."""
    rest, named = [], {}
    waiting = iter(arguments)
    for argument in waiting:
        option, has_value, value = argument.partition("=")
        if argument == "--":
            return [*rest, argument, *waiting], named
        if option not in PLACES:
            rest.append(argument)
            continue
        named[PLACES[option]] = value if has_value else next(waiting, "")
        if not named[PLACES[option]]:
            raise Refused("project-option-without-value", option=option)
    return rest, named


def default_folder(profile: str) -> Path:
    """Return the profile's folder in the checkout, whatever folder we are called from; or in the home, if installed."""
    name = Path(profile).resolve().name
    if (ROOT / "pyproject.toml").exists() and os.access(ROOT, os.W_OK):
        return ROOT / ".amparo" / name
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "amparo" / name
