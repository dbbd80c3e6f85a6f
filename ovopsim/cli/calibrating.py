"""`ovopsim calibrate`: what nobody knows, fitted to published figures, in a store that can be gone on with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ovopsim.cli.asking import AsJson, Asked, Jobs, Language, Seed, show, show_json, speaks
from ovopsim.cli.commands import app

StoreFolder = Annotated[Path, typer.Option("--store", help="folder of evaluations; those that are there are kept")]
Draws = Annotated[int, typer.Option("--draws", help="most draws of the posterior")]
Waves = Annotated[int, typer.Option("--waves", help="waves of points; a store can be gone on with for more")]
Points = Annotated[int | None, typer.Option("--points", help="points of each wave; ten for each unknown if left out")]
Worlds = Annotated[int | None, typer.Option("--replications", help="worlds of each evaluation (3; of patterns 8)")]
Patterns = Annotated[bool, typer.Option("--patterns-only", help="leave the field trials aside, which is quicker")]


@app.command()
def calibrate(
    context: typer.Context,
    store: StoreFolder,
    draws: Draws = 400,
    waves: Waves = 3,
    points: Points = None,
    replications: Worlds = None,
    patterns_only: Patterns = False,
    seed: Seed = 1,
    as_json: AsJson = False,
    language: Language = None,
    n_jobs: Jobs = None,
) -> None:
    """Fit what nobody knows to published patterns and trials; stopped or killed, the same command goes on."""
    spoken = speaks(context, language)
    from ovopsim import calibration
    from ovopsim.analysis.baseline import baseline_targets
    from ovopsim.report.calibrating import calibration_document, calibration_page

    asked: Asked = context.obj
    asked.stopped = "text.calibration_stopped"
    found = calibration.calibrate(
        baseline_targets() if patterns_only else None,
        store=store,
        draws=draws,
        waves=waves,
        seed=seed,
        n_jobs=n_jobs,
        progress=not as_json,
        replications=replications,
        points=points,
        language=spoken,
    )
    folder = found.save(store / "posterior")
    found.plot(spoken).savefig(folder / "identifiability.png", dpi=130)
    if as_json:
        show_json(calibration_document(found, found.to_dict(), store))
    else:
        show(lambda width: calibration_page(found, store, spoken, width))
