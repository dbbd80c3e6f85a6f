"""`ovopsim validate`: every target, simulated beside published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ovopsim.cli.asking import AsJson, Jobs, Language, Posterior, Seed, show, show_json, speaks
from ovopsim.cli.commands import app

Worlds = Annotated[int | None, typer.Option("--worlds", help="replications of each trial (8; with --posterior 64)")]
Picture = Annotated[Path | None, typer.Option("--figure", help="file for the picture, such as validation.png")]


@app.command()
def validate(
    context: typer.Context,
    worlds: Worlds = None,
    seed: Seed = 1,
    posterior: Posterior = None,
    figure: Picture = None,
    as_json: AsJson = False,
    language: Language = None,
    n_jobs: Jobs = None,
) -> None:
    """Hold the model against published figures and field trials: what it reproduces, and where it fails."""
    spoken = speaks(context, language)
    from ovopsim.report.validating import validation_page
    from ovopsim.validation import validate as validated

    found = validated(worlds, seed, n_jobs, not as_json, spoken, posterior)
    if figure is not None:
        found.save_figure(figure, spoken)
    if as_json:
        show_json(found.rows)
    else:
        show(lambda width: validation_page(found.rows, spoken, width, found.draws), figure, spoken)
