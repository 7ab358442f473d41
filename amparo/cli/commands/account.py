"""`amparo account open`: the first account of an installation; further ones are opened on the pages."""

from typing import Annotated

import typer

from amparo.cli.printing import AsJson, result, words
from amparo.cli.wiring import wiring
from amparo.kernel import clock
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

Name = Annotated[str, typer.Argument(help=words("cli-account-name"))]
DisplayName = Annotated[str, typer.Option("--display-name", help=words("cli-account-display-name"))]
Email = Annotated[str, typer.Option("--email", help=words("cli-account-email"))]
RoleName = Annotated[str, typer.Option("--role", help=words("cli-account-role"))]
Area = Annotated[str | None, typer.Option("--area", help=words("cli-account-area"))]
Programme = Annotated[str, typer.Option("--programme", help=words("cli-account-programme"))]


@charged(Permission.OPEN_ACCOUNTS)
def open_one(
    context: typer.Context,
    username: Name,
    display_name: DisplayName = "",
    email: Email = "",
    role: RoleName = "administrator",
    area: Area = None,
    programme: Programme = "",
    as_json: AsJson = False,
) -> None:
    wiring(context).open()
    from django.db import transaction

    from amparo.trust import actions
    from amparo.trust.identity.first_password import first_password
    from amparo.trust.types import role_named, system

    by, password, wanted = system("account"), first_password(), role_named(role)
    named = {"display_name": display_name or username, "email": email}
    with transaction.atomic():
        made = actions.open_account(username, password, by=by, is_first=True, **named)
        actions.grant_role(made.id, wanted, area_code=area, programme=programme, by=by, on=clock.today())
    values = {"username": username, "password": password, "until": made.password_until, "role": wanted.value}
    result(values, as_json=as_json, sentence="cli-account-done")
