"""`amparo migrate`: the database in the shape of this version and of the profile."""

import typer

from amparo.cli.printing import AsJson, result
from amparo.cli.wiring import wiring
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged


@charged(Permission.INSTALL_PROFILE)
def migrate(context: typer.Context, as_json: AsJson = False) -> None:
    installed = wiring(context)
    installed.migrate()
    values = {"profile": installed.profile, "data_dir": str(installed.data_dir)}
    result(values, as_json=as_json, sentence="cli-migrate-done")
