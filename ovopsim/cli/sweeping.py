"""`ovopsim sweep`: a design file, a store, and who does the work."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Annotated, Any

import typer

from ovopsim.cli.asking import AsJson, Asked, Jobs, Language, show, show_json, speaks
from ovopsim.cli.commands import app
from ovopsim.errors import InputError

DesignFile = Annotated[Path, typer.Argument(metavar="DESIGN.yaml", help="what is varied, and how often")]
StoreFolder = Annotated[Path, typer.Option("--store", help="folder of runs; those that are there are not repeated")]
Cluster = Annotated[
    str | None, typer.Option("--cluster", help="address of a Dask scheduler, such as tcp://10.0.0.1:8786")
]
Retry = Annotated[bool, typer.Option("--retry-failed", help="try runs again that failed before")]


PATIENCE = "10s"  # for a scheduler to answer


@app.command()
def sweep(
    context: typer.Context,
    design: DesignFile,
    store: StoreFolder,
    cluster: Cluster = None,
    as_json: AsJson = False,
    language: Language = None,
    n_jobs: Jobs = None,
    retry_failed: Retry = False,
) -> None:
    """Run a design of many scenarios into a store; stopped or killed, the same command goes on."""
    spoken = speaks(context, language)
    from ovopsim.policy import file_digest
    from ovopsim.report.sweeping import sweep_document, sweep_page
    from ovopsim.study.design_files import load_design
    from ovopsim.study.plan import check_numbers
    from ovopsim.study.sweep_plan import plan_sweep
    from ovopsim.study.sweeping import carry_out

    asked: Asked = context.obj
    file = load_design(design)
    check_numbers(file.replications, file.seed, n_jobs)
    try:
        plan = plan_sweep(file.design, file.base, file.replications, file.seed, file.keep_months, file.name)
    except InputError as error:
        raise InputError(f"{design}: {error}") from None
    record = {
        "command": ["ovopsim", *asked.arguments],
        "inputs": {name: file_digest(name) for name in file.inputs},
    }
    asked.stopped = "sweep.stopped"
    with executor_of(cluster) as executor:
        state = carry_out(plan, store, record, executor, n_jobs, as_json, spoken, retry_failed)
    if as_json:
        show_json(sweep_document(plan, state, store))
    else:
        show(lambda _: sweep_page(plan, state, store, spoken))
    if state.failed:
        raise typer.Exit(1)


@contextlib.contextmanager
def executor_of(address: str | None) -> Iterator[Executor | None]:
    """Give the executor of a Dask cluster; None when there is no address.

    Raises
    ------
    InputError
        When Dask is not installed, or no scheduler answers.
    """
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError:
        raise InputError("--cluster needs Dask: python -m pip install 'ovopsim[distributed]'.") from None
    try:
        client: Any = Client(  # type: ignore[no-untyped-call, unused-ignore]
            address, timeout=PATIENCE
        )
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(f"--cluster {address}: no scheduler answers ({error}).") from None
    with client:
        yield client.get_executor(pure=False, retries=3)
