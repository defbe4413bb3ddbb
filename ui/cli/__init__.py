"""The command line ``palate``: one file a command; each parses, calls one function, prints.

Importing this package loads the parser and the commands' signatures and nothing heavy: whatever
computes is imported by the command that needs it, when it runs.
"""

from __future__ import annotations

import sys

import typer

from ui.cli import (
    chat,
    config,
    demo,
    evaluate,
    ingest,
    keys,
    mcp,
    owner,
    person,
    recommend,
    rerank,
    rules,
    serve,
    simulate,
    understand,
    verify,
    versions,
)
from ui.cli.failures import exit_code

app = typer.Typer(
    name="palate",
    help="A conversational recommender that you point at your own catalogue.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("ingest")(ingest.ingest)
app.command("chat")(chat.chat)
app.command("serve")(serve.serve)
app.command("mcp")(mcp.mcp)
app.command("recommend")(recommend.recommend)
app.command("rerank")(rerank.rerank)
app.command("understand")(understand.understand)
app.command("verify")(verify.verify)
app.command("simulate")(simulate.simulate)
app.command("export")(person.export)
app.command("erase")(person.erase)
app.command("versions")(versions.versions)
app.command("rollback")(versions.rollback)
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(rules.app, name="rules")
app.add_typer(config.app, name="config")
app.add_typer(keys.app, name="keys")
app.add_typer(owner.app, name="owner")


def main() -> None:
    """Run ``palate`` with the process's arguments and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit code of ``palate`` with these arguments; none asks for the help."""
    command = typer.main.get_command(app)
    try:
        returned = command.main(
            args=arguments or ["--help"], prog_name="palate", standalone_mode=False
        )
    except (Exception, KeyboardInterrupt) as error:
        code = exit_code(error)
        if code is None:
            raise
        return code
    return returned if isinstance(returned, int) else 0
