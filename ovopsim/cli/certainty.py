"""`ovopsim sure`: how much of each effect is chance, parameters or shocks, and how sure the choice of a mix is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ovopsim.cli.asking import AsJson, Files, Jobs, Language, Posterior, Seed, show, show_json, speaks
from ovopsim.cli.commands import app

Draws = Annotated[int, typer.Option("--draws", help="draws of what nobody knows")]
Worlds = Annotated[int, typer.Option("--replications", help="number of worlds for each draw")]
Folder = Annotated[Path | None, typer.Option("--out", help="folder for tables, figures and runs; the same goes on")]
NoShocks = Annotated[bool, typer.Option("--no-shocks", help="leave out pandemic, cheap prints and dear cotton")]


@app.command()
def sure(
    context: typer.Context,
    scenarios: Files = None,
    draws: Draws = 64,
    replications: Worlds = 8,
    seed: Seed = 1,
    posterior: Posterior = None,
    no_shocks: NoShocks = False,
    out: Folder = None,
    as_json: AsJson = False,
    language: Language = None,
    n_jobs: Jobs = None,
) -> None:
    """Say how sure a comparison is: chance, parameters, shocks, and how often each programme is best."""
    spoken = speaks(context, language)
    from ovopsim.certainty import how_sure
    from ovopsim.policy import file_digest
    from ovopsim.policy.files import load_scenarios
    from ovopsim.report.certainty import certainty_page
    from ovopsim.report.certainty_folder import RUNS, check_folder, write_certainty
    from ovopsim.study.drawn import draws_file

    if out is not None:
        check_folder(out)
        context.obj.stopped = "sweep.stopped"
    files = [*(scenarios or []), *([] if posterior is None else [draws_file(posterior)])]
    inputs = {str(path): file_digest(path) for path in files}
    found = how_sure(
        load_scenarios(scenarios) if scenarios else None,
        draws,
        replications,
        seed,
        not no_shocks,
        n_jobs,
        not as_json,
        posterior,
        store=None if out is None else out / RUNS,
        language=spoken,
    )
    if out is not None:
        write_certainty(found, out, spoken, ["ovopsim", *context.obj.arguments], inputs)
    if as_json:
        show_json(found.to_dict())
    else:
        show(lambda width: certainty_page(found, spoken, width), out, spoken)
