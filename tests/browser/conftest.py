"""The real thing: a demo installation, its own server on a free port, and Debian's Chromium."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AMPARO = Path(sys.executable).parent / "amparo"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
HOUSEHOLDS = 300
SECONDS = 300


@dataclass(frozen=True)
class Site:
    """Where the pages are served, the password of everybody in the cast, and the folder of the installation."""

    address: str
    password: str
    folder: Path

    @property
    def census(self) -> list[Path]:
        """The files from which its people were imported, whom the invented institutions know as well."""
        return sorted((self.folder / "synth" / f"{HOUSEHOLDS}-1").glob("[!t]*.csv"))


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[Site]:
    """An invented country of a few hundred households, imported and decided, served with its worker."""
    if not CHROMIUM:
        pytest.skip("Chromium is missing; on Debian: apt install chromium")
    if not AXE.exists():
        pytest.skip("axe-core is missing; `make install` fetches it")
    folder = tmp_path_factory.mktemp("installation")
    made = json.loads(_amparo(folder, "demo", "--no-serve", "--json", "--households", str(HOUSEHOLDS)))
    program = _served(folder)
    try:
        address = json.loads(program.stdout.readline())["address"].rstrip("/")
        yield Site(address, made["sign_in"]["password"], folder)
    finally:
        program.terminate()
        program.wait(60)
        _discard(folder)


def _environment(folder: Path) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "AMPARO_DATABASE"} | {
        "AMPARO_DATA_DIR": str(folder),
        "AMPARO_PROFILE": "example",
        "AMPARO_CALLS_INSIDE": "127.0.0.1",  # as an operator would say it of an institution inside the network
    }


def _amparo(folder: Path, *arguments: str) -> str:
    """Run a command to its end and return what it printed; its failure shows its words."""
    done = subprocess.run(
        [AMPARO, *arguments], env=_environment(folder), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _served(folder: Path) -> subprocess.Popen:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (folder / "serve.log").open("w")
    return subprocess.Popen(
        [AMPARO, "serve", "--json", "--port", str(port)],
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )


def _discard(folder: Path) -> None:
    from amparo.project import postgres

    postgres.discard(folder)
    shutil.rmtree(folder, ignore_errors=True)


# Not kept for the whole run: its event loop would forbid the database to every test that follows in this process.
@pytest.fixture(scope="module")
def chromium(site):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()
