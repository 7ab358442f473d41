"""Finds a profile: a folder by its path, or one that ships with Amparo by its name."""

from pathlib import Path

from amparo.kernel.errors import Refused

SHIPPED = Path(__file__).parents[2] / "profiles"
MARK = "profile.toml"


def find(name: str | Path) -> Path:
    """Return the folder of a profile, given its path or the name of a shipped one.

    A path has a separator in it or names a folder with a `profile.toml`; anything else is a name. A name that is
    neither is refused with the names there are.
    """
    folder = Path(name)
    if (folder / MARK).is_file():
        return folder.resolve()
    if len(folder.parts) == 1 and (SHIPPED / folder / MARK).is_file():
        return SHIPPED / folder
    raise Refused("profiles-not-found", name=str(name), known=shipped())


def shipped() -> list[str]:
    """Return the names of the profiles that ship with Amparo."""
    return sorted(each.parent.name for each in SHIPPED.glob(f"*/{MARK}"))
