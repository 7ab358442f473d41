"""The command `amparo` and the table of what follows it."""

from typing import Annotated

import typer

from amparo.cli.commands import (
    account,
    audit,
    decisions,
    impact,
    keys,
    message,
    notice,
    payment,
    programme,
    retention,
    rounds,
    run,
)
from amparo.cli.commands.bench import (
    bench_all,
    bench_audit,
    bench_country,
    bench_dci,
    bench_determination,
    bench_engines,
    bench_import,
    bench_keys,
    bench_names,
    bench_programmes,
    bench_rows,
)
from amparo.cli.commands.demo import demo
from amparo.cli.commands.determine import determine
from amparo.cli.commands.explain import explain
from amparo.cli.commands.import_files import import_delivery
from amparo.cli.commands.migrate import migrate
from amparo.cli.commands.mock_ministry import mock_ministry
from amparo.cli.commands.profile_check import profile_check
from amparo.cli.commands.rule_check import rule_check
from amparo.cli.commands.rule_eval import rule_eval
from amparo.cli.commands.serve import serve
from amparo.cli.commands.snapshot import snapshot
from amparo.cli.commands.synth import synth
from amparo.cli.modes import part_of, switched
from amparo.cli.printing import refusing, telling_stage, words

COMMANDS = {
    "demo": demo,
    "import": import_delivery,
    "snapshot": snapshot,
    "determine": determine,
    "explain": explain,
    "serve": serve,
    "migrate": migrate,
    "synth": synth,
    "live": impact.live,
    "mock-ministry": mock_ministry,
}
# Words that take a second one: `amparo rule check FILE`.
GROUPS = {
    "bench": {
        "all": bench_all,
        "import": bench_import,
        "determination": bench_determination,
        "country": bench_country,
        "dci": bench_dci,
        "rows": bench_rows,
        "names": bench_names,
        "engines": bench_engines,
        "keys": bench_keys,
        "audit": bench_audit,
        "programmes": bench_programmes,
    },
    "audit": {
        "seal": audit.seal,
        "verify": audit.verify,
        "breach": audit.breach,
        "export": audit.export,
        "new-key": audit.new_key,
    },
    "dpia": {"draft": impact.draft},
    "account": {"open": account.open_one},
    "run": {
        "plan": run.plan,
        "approve": run.approve,
        "execute": run.execute,
        "stop": run.stop,
        "list": run.list_runs,
    },
    "round": {
        "start": rounds.start,
        "follow": rounds.follow,
        "stop": rounds.stop,
        "list": rounds.list_rounds,
    },
    "decisions": {"notice": decisions.notice, "take-effect": decisions.take_effect, "check": decisions.check},
    "keys": {"list": keys.list_keys, "add": keys.add, "rotate": keys.rotate, "retire": keys.retire},
    "message": {"prove": message.prove},
    "notice": {"send": notice.send, "list": notice.list_waiting, "letters": notice.letters},
    "payment": {
        "list": payment.make_list,
        "propose": payment.propose,
        "withdraw": payment.withdraw,
        "approve": payment.approve,
        "export": payment.export,
        "send": payment.send,
        "reconcile": payment.reconcile,
        "override": payment.override,
        "funds": payment.funds,
        "accounts": payment.accounts,
        "adjust": payment.adjust,
        "confirm": payment.confirm,
    },
    "programme": {
        "enrol": programme.enrol,
        "steps": programme.steps,
        "feed": programme.feed,
        "retract": programme.retract,
        "overlaps": programme.overlaps,
        "gaps": programme.gaps,
        "coverage": programme.coverage,
        "excluded": programme.excluded,
        "follow": programme.follow,
        "performance": programme.performance,
    },
    "profile": {"check": profile_check},
    "retention": {
        "preview": retention.preview,
        "run": retention.run,
        "certificates": retention.certificates,
        "replay": retention.replay,
    },
    "rule": {"check": rule_check, "eval": rule_eval},
}

# Command → what it is charged with.
PERMISSIONS: dict[str, frozenset] = {}

# Traces would show local values, and those may hold what people told us.
SETTINGS = {"pretty_exceptions_enable": False, "add_completion": False, "no_args_is_help": True}


# Taken out of the command line before it comes here (`amparo.project.main`), so that they may stand anywhere in it.
Profile = Annotated[str, typer.Option(help=words("cli-profile"), envvar="AMPARO_PROFILE")]
Folder = Annotated[str, typer.Option("--data-dir", help=words("cli-data-dir"), envvar="AMPARO_DATA_DIR")]


def amparo(profile: Profile = "example", data_dir: Folder = "") -> None:
    """Everything happens in the commands."""


def build() -> typer.Typer:
    app = typer.Typer(**SETTINGS)
    app.callback(help=words("cli-amparo"))(amparo)
    add(app, COMMANDS, "cli")
    for name, commands in GROUPS.items():
        group = typer.Typer(**SETTINGS, help=words(f"cli-{name}-commands"))
        add(group, commands, f"cli-{name}")
        app.add_typer(group, name=name)
    return app


def add(app: typer.Typer, commands: dict, prefix: str) -> None:
    """Add commands. One that does not declare what it is charged with (`trust.types.charged`) cannot be added."""
    for name, command in commands.items():
        PERMISSIONS[f"{prefix}-{name}"] = command.permissions
        part = part_of(f"{prefix} {name}".removeprefix("cli ").removeprefix("cli-"))
        app.command(name, help=words(f"{prefix}-{name}"))(refusing(switched(part, telling_stage(command))))


app = build()
