"""Part of `evaluators.py`: how far a naive estimate is off when rivals lose, and what comparing towns shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ovopsim.analysis.estimators import evaluate
from ovopsim.analysis.exact_effects import coverage, over_replications
from ovopsim.analysis.saturation import expected_excess, saturation_table, several_towns
from ovopsim.analysis.trial_samples import EvaluationPlan
from ovopsim.analysis.validation import trial_worlds
from ovopsim.fields import CHANNELS
from ovopsim.parameters.loading import all_records, shipped_value
from ovopsim.policy.levers import merged
from ovopsim.policy.trials import CONTROL, Trial
from ovopsim.simulation import MonthZero, month_zero
from ovopsim.study.trial_runs import run_trial, scenario_of
from ovopsim.study.worlds import over_worlds

EARLY, MONTH = 3, 12
SALES = "sales"
ARM = "grant"
LEVER = "equipment_grant"
SHARES = (0.25, 0.50, 0.75, 1.0)
# shares of a channel's spending that go to sellers elsewhere; none = as shipped
MARKETS: Mapping[str, float | None] = {"as shipped": None, "half elsewhere": 0.5, "hardly any elsewhere": 0.05}
DOSES = (1.0, 5.0)
TOWN_SHARES = (0.0, 0.25, 0.50, 0.75)


@dataclass(frozen=True)
class Size:
    """How much is run: worlds for each lever and for each setting, firms in each, and trials over towns."""

    scan_worlds: int
    worlds: int
    firms: int
    experiments: int
    towns_of_a_share: int
    firms_of_a_town: int

    @property
    def towns(self) -> int:
        """Towns of one trial."""
        return self.towns_of_a_share * len(TOWN_SHARES)


def outside(share: float | None) -> dict[str, float]:
    """Return the parameters of a market in which sellers elsewhere have a share of every channel."""
    return {} if share is None else {f"market.outside_share.{channel}": share for channel in CHANNELS}


def trial(lever: str, share: float, firms: int, market: float | None = None, dose: float = 1.0, **keys: Any) -> Trial:
    """Return a trial of a shipped lever, whoever is drawn being served in one month."""
    return Trial(
        name=f"{lever} {share:g}",
        firms=firms,
        levers={lever: {"capacity": 100_000}},
        arms={ARM: {"share": share, "deliveries": [{"lever": lever, "dose": dose}]}},
        parameters=outside(market),
        follow_up=(EARLY, MONTH),
        outcomes=(SALES,),
        **keys,
    )


def tables_of(trials: Mapping[float, Trial], worlds: int, n_jobs: int | None, clustered: bool = False) -> pd.DataFrame:
    """Return what trials of one market do after a year, by the share treated; `too_much_early` after three months."""
    numbered = {str(share): each for share, each in trials.items()}
    runs = trial_worlds(numbered, worlds, n_jobs=n_jobs)
    frames = {share: [world.frame() for world in runs[str(share)]] for share in trials}
    found = saturation_table(frames, SALES, MONTH, clustered)
    return found.assign(too_much_early=saturation_table(frames, SALES, EARLY, clustered)["too_much"])


def scan(size: Size, n_jobs: int | None) -> pd.DataFrame:
    """Return what each shipped lever for firms does to the half that is offered it and to the other half."""
    names = [name for name, lever in merged({}).items() if lever.to == "firms"]
    rows = []
    for name in names:
        found = tables_of({0.5: trial(name, 0.5, size.firms)}, size.scan_worlds, n_jobs)
        rows.append(found.assign(lever=name))
    return pd.concat(rows, ignore_index=True).sort_values("untreated", ignore_index=True)


def shipped(record: str) -> dict[str, float]:
    """Return a shipped parameter of the market by channel."""
    return {channel: shipped_value(f"market.{record}.{channel}") for channel in CHANNELS}


def of_cluster(market: float | None, least: bool = False) -> dict[str, float]:
    """Return the cluster's share of each channel's spending; `least`: at the least outside share of the prior."""
    if market is not None:
        return dict.fromkeys(CHANNELS, 1.0 - market)
    prior = all_records()["market.outside_share"].prior
    factor = float(prior[1]) if least and prior is not None else 1.0
    return {channel: 1.0 - factor * part for channel, part in shipped("outside_share").items()}


def by_equation(share: float, market: float | None, least: bool = False) -> float:
    """Return by how many per cent the naive estimate should be off, by the equations of the market alone."""
    return expected_excess(share, of_cluster(market, least), shipped("channel_mix"))


def saturations(size: Size, n_jobs: int | None) -> pd.DataFrame:
    """Return the effects by market, dose and share treated."""
    rows = []
    for market, part in MARKETS.items():
        for dose in DOSES:
            trials = {share: trial(LEVER, share, size.firms, part, dose) for share in SHARES}
            found = tables_of(trials, size.worlds, n_jobs).assign(market=market, dose=dose)
            found["by_equation"] = [by_equation(share, part) if share < 1.0 else np.nan for share in found["share"]]
            rows.append(found)
    return pd.concat(rows, ignore_index=True)


def groups_in_one_market(size: Size, n_jobs: int | None) -> pd.DataFrame:
    """Return the effects when groups of ten are drawn instead of firms, by market."""
    rows = [
        tables_of({0.5: trial(LEVER, 0.5, size.firms, part, unit="group")}, size.worlds, n_jobs, True).assign(
            market=name
        )
        for name, part in MARKETS.items()
    ]
    return pd.concat(rows, ignore_index=True)


def town_trials(market: float | None, dose: float, size: Size, n_jobs: int | None) -> Iterator[pd.DataFrame]:
    """Yield trials over towns; each town is a world of its own, in one of the shares by lot."""
    count = size.towns
    every = np.tile(np.repeat(TOWN_SHARES, size.towns_of_a_share), (size.experiments, 1))
    drawn = np.random.default_rng(0).permuted(every, axis=1)

    def town(world: int) -> tuple[float, pd.DataFrame]:
        share = float(drawn.ravel()[world])
        given = trial(LEVER, share or 0.5, size.firms_of_a_town, market, dose)
        start: MonthZero = month_zero(scenario_of(given), 1, world)
        return share, run_trial(given, start, world).frame()

    towns = over_worlds(town, size.experiments * count, n_jobs)
    for number in range(size.experiments):
        yield several_towns(towns[number * count : (number + 1) * count], number)


def of_towns(every: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return estimates of comparing towns, and those within towns, of the same trials."""
    between = evaluate(every, EvaluationPlan("between towns", (SALES,), (MONTH,), True, groups=False, quantiles=()))
    rows = [_rows(between, "between towns")]
    for share in TOWN_SHARES[1:]:
        end = f"_{100.0 * share:g}"
        inside = [frame[frame["arm"].isin([f"treated{end}", f"untreated{end}"])] for frame in every]
        inside = [frame.replace({"arm": {f"untreated{end}": CONTROL}}) for frame in inside]
        plan = EvaluationPlan("within towns", (SALES,), (MONTH,), groups=False, quantiles=())
        rows.append(_rows(evaluate(inside, plan), "within towns"))
    return pd.concat(rows, ignore_index=True)


def _rows(estimates: pd.DataFrame, compared: str) -> pd.DataFrame:
    """Return the ANCOVA of each arm beside the exact effect, in per cent, and how often its interval holds it."""
    means = over_replications(estimates[estimates["estimator"].isin(["ancova", "exact"])])
    means = means[means["arm"] != CONTROL].set_index(["arm", "estimator"])
    held = coverage(estimates).query("estimator == 'ancova'").set_index("arm")
    half = estimates.query("estimator == 'ancova'").assign(half=lambda table: (table["high"] - table["low"]) / 2.0)
    rows = []
    for arm in held.index:
        exact, found, hits = means.loc[arm, "exact"], means.loc[arm, "ancova"], held.loc[arm]
        # of one mean, that of the firms without the trial
        scale = 100.0 / exact["control_mean"]
        rows.append(
            {"compared": compared, "arm": arm, "experiments": int(hits["replications"])}
            | {"exact": scale * exact["estimate"], "estimate": scale * found["estimate"]}
            | {f"bias{end}": scale * hits[f"bias{end}"] for end in ("", "_low", "_high")}
            | {"half_width": scale * float(half.loc[half["arm"] == arm, "half"].mean())}
            | {name: hits[name] for name in ("coverage", "low", "high")}
        )
    return pd.DataFrame(rows)


def towns(size: Size, n_jobs: int | None) -> pd.DataFrame:
    """Return what towns show, in the market as shipped and in one in which hardly anyone buys elsewhere."""
    settings = (("as shipped", 1.0), ("hardly any elsewhere", 1.0), ("hardly any elsewhere", 5.0))
    rows = []
    for market, dose in settings:
        every = list(town_trials(MARKETS[market], dose, size, n_jobs))
        rows.append(of_towns(every).assign(market=market, dose=dose))
    return pd.concat(rows, ignore_index=True)
