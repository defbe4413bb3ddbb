"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="Where the workspace lives. Without it PALATE_HOME, else the user's data folder.",
        show_default=False,
    ),
]
Model = Annotated[
    Literal["auto", "none"] | None,
    typer.Option(
        "--llm",
        help="auto: the language model that is configured, if any; none: the rules engine alone.",
        show_default="auto",
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="One JSON object on standard output, and nothing else there."),
]
Host = Annotated[str, typer.Option("--host", help="The address to listen on.")]
Port = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="The port to listen on; 0 takes a free one.")
]
