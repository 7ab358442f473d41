"""`amparo serve`: the pages, and the work behind them."""

from typing import Annotated

import typer

from amparo.cli.printing import AsJson, note, result, words
from amparo.cli.wiring import wiring
from amparo.trust.types.charged import charged

Port = Annotated[int | None, typer.Option(help=words("cli-serve-port"), min=1, max=65535)]
Host = Annotated[str, typer.Option(help=words("cli-serve-host"))]


@charged()
def serve(context: typer.Context, port: Port = None, host: Host = "127.0.0.1", as_json: AsJson = False) -> None:
    def ready(address: str) -> None:
        result({"address": address}, as_json=as_json, sentence="cli-serve-ready")

    wiring(context).serve(host=host, port=port, ready=ready)
    note("cli-serve-stopped")
