"""`ovopsim validate`: every target, simulated beside published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ovopsim.cli.asking import AsJson, Jobs, Language, Seed, show, show_json, speaks
from ovopsim.cli.commands import app

Worlds = Annotated[int, typer.Option("--worlds", help="replications of each field trial")]
Picture = Annotated[Path | None, typer.Option("--figure", help="file for the picture, such as validation.png")]


@app.command()
def validate(
    context: typer.Context,
    worlds: Worlds = 8,
    seed: Seed = 1,
    figure: Picture = None,
    as_json: AsJson = False,
    language: Language = None,
    n_jobs: Jobs = None,
) -> None:
    """Hold the model against published figures and field trials: what it reproduces, and where it fails."""
    spoken = speaks(context, language)
    from ovopsim.report.validating import validation_page
    from ovopsim.validation import validate as validated

    found = validated(worlds, seed, n_jobs, progress=not as_json, language=spoken)
    if figure is not None:
        found.save_figure(figure, spoken)
    if as_json:
        show_json(found.rows)
    else:
        show(lambda width: validation_page(found.rows, spoken, width), figure, spoken)
