"""A web application that says how much it was sent: what stands behind the server when the server itself is tried."""

import os
import time
from collections.abc import Iterator
from itertools import repeat

from amparo.project.patience import Doorway

LONG = 18  # seconds: longer than a sender may be silent
PIECE, PIECES = b"x" * (1 << 16), 128


class Table:
    """An answer that is made piece by piece, as the tables that people take along are."""

    streaming = True

    def __iter__(self) -> Iterator[bytes]:
        return repeat(PIECE, PIECES)

    def close(self) -> None:
        """A line of a file tells that it was made to its end, and that its place is free."""
        with open(os.environ["REQUESTS_SEEN"], "a") as seen:
            seen.write("made\n")


def counted(environ, start_response):
    """Read the body to its end and say method and length; a line of a file tells each request that came through."""
    if environ["PATH_INFO"] == "/long":
        time.sleep(LONG)
    if environ["PATH_INFO"] == "/table":
        start_response("200 OK", [("Content-Type", "text/csv"), ("Content-Length", str(len(PIECE) * PIECES))])
        return Table()
    length = int(environ.get("CONTENT_LENGTH") or 0)
    read = len(environ["wsgi.input"].read(length)) if length else 0
    with open(os.environ["REQUESTS_SEEN"], "a") as seen:
        seen.write(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {read}\n")
    said = f"{environ['REQUEST_METHOD']} {read}".encode()
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(said)))])
    return [said]


application = Doorway(counted)
