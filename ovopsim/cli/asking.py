"""What a user typed: the options that commands share, the language, and how answers are shown."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass
class Asked:
    """What a user typed, the language that was read from it so far, and what to say when it is stopped."""

    arguments: list[str]
    language: str = "en"
    stopped: str = "text.stopped"


Files = Annotated[list[Path] | None, typer.Argument(metavar="[SCENARIO.yaml ...]", help="the first is the baseline")]
Language = Annotated[str | None, typer.Option("--language", help="en or id")]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON document")]
Out = Annotated[Path | None, typer.Option("--out", help="new folder for tables and figures")]
Replications = Annotated[int, typer.Option("--replications", help="number of worlds")]
Seed = Annotated[int, typer.Option("--seed", help="number that the worlds' chance follows from")]
Jobs = Annotated[int | None, typer.Option("--n-jobs", help="threads; all cores if left out")]
Rate = Annotated[float | None, typer.Option("--discount-rate", help="yearly, such as 0.05")]
Posterior = Annotated[
    str | None,
    typer.Option(
        "--posterior", help="'shipped', or draws of a calibration (CSV, Parquet, or its folder); none if left out"
    ),
]
KeepMonths = Annotated[
    list[int] | None, typer.Option("--keep-month", help="month at whose end firms are stored; may be given again")
]


def speaks(context: typer.Context, language: str | None) -> str:
    """Return the language, given after the command or before it, and remember it for whoever stops the command."""
    from ovopsim.labels import check_language

    asked: Asked = context.obj
    asked.language = language or asked.language
    check_language(asked.language)
    return asked.language


def show(page: Callable[[int], RenderableType], out: Path | None = None, language: str = "en") -> None:
    """Print a page as wide as the terminal, and where results are."""
    from rich.console import Console

    from ovopsim.labels import label

    console = Console(highlight=False)
    console.print(page(console.width))
    if out is not None:
        sys.stdout.write(f"\n{label('text.written', language, place=out)}\n")


def show_json(document: Any) -> None:
    """Print one JSON document."""
    from ovopsim.study.documents import to_json

    sys.stdout.write(to_json(document) + "\n")
