"""`amparo mock-ministry`: eleven institutions of the invented country, to be asked over HTTP, well or ill behaved."""

import secrets
import signal
from pathlib import Path
from typing import Annotated, Any

import typer

from amparo.cli.printing import AsJson, note, result, words
from amparo.cli.wiring import wiring
from amparo.kernel.errors import Refused
from amparo.trust.types.charged import charged

Households = Annotated[int, typer.Option(help=words("cli-synth-households"), min=1, max=1_000_000)]
Seed = Annotated[int, typer.Option(help=words("cli-mock-ministry-seed"))]
Faults = Annotated[list[str], typer.Option("--fault", help=words("cli-mock-ministry-fault"))]
Port = Annotated[int, typer.Option(help=words("cli-mock-ministry-port-option"), min=0, max=65535)]
Host = Annotated[str, typer.Option(help=words("cli-serve-host"))]
Token = Annotated[str, typer.Option(help=words("cli-mock-ministry-token"))]
Seconds = Annotated[float, typer.Option("--wait", help=words("cli-mock-ministry-wait"), min=0, max=60)]
Certificate = Annotated[Path | None, typer.Option("--certificate", help=words("cli-mock-ministry-certificate-option"))]
Key = Annotated[Path | None, typer.Option("--key", help=words("cli-mock-ministry-key"))]


@charged()
def mock_ministry(
    context: typer.Context,
    households: Households = 10_000,
    seed: Seed = 1,
    fault: Faults = [],  # noqa: B006 (typer's own way)
    port: Port = 0,
    host: Host = "127.0.0.1",
    token: Token = "",
    wait: Seconds = 5,
    certificate: Certificate = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Serve until asked to stop. Never beside an installation that is live: nothing that these institutions tell is of anybody."""
    from amparo.cli.commands.demo import delivery
    from amparo.cli.ministry.faults import faults
    from amparo.cli.ministry.institutions import INSTITUTIONS
    from amparo.cli.ministry.people import People
    from amparo.cli.ministry.server import Ministry, served
    from amparo.profiles.country import country

    installed, misbehaving = wiring(context), faults(fault)
    expect_trial(installed)
    folder = installed.data_dir / "synth" / f"{households}-{seed}"
    profile = country(installed.profile)
    people = People(delivery(folder, profile, households=households, seed=seed))
    ministry = Ministry(people, token or secrets.token_urlsafe(24), profile.currency, seed, misbehaving, wait)
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: ministry.stopping.set())
    with served(ministry, host=host, port=port, certificate=certificate, key=key) as address:
        values = {"address": address, "token": ministry.token, "institutions": list(INSTITUTIONS)}
        values |= {"persons": len(people), "faults": [f"{each.institution}={each.kind}" for each in misbehaving]}
        result(values, as_json=as_json, sentence="cli-mock-ministry-ready")
        ministry.stopping.wait()
    note("cli-serve-stopped")


def expect_trial(installed: Any) -> None:
    """Refuse beside a live installation. One that was never begun is none, and the demo's is none for ever."""
    if installed.is_demo or not installed.is_begun:
        return
    installed.open()
    if not installed.is_trial:
        raise Refused("cli-mock-ministry-live")
