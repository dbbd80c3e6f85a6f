"""Part of `evaluators.py`: how often an evaluator's interval holds the exact effect where hardly any rival loses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import skew
from statsmodels.regression.linear_model import OLS

from ovopsim.analysis.estimators import contrast, evaluate
from ovopsim.analysis.exact_effects import ESTIMAND, binomial_interval, coverage
from ovopsim.analysis.trial_samples import EvaluationPlan, Sample, sample_of
from ovopsim.analysis.validation import trial_worlds
from ovopsim.policy.trials import CONTROL, Trial, builtin_trials

MONTH = 12
SALES = "sales"
OUTCOMES = (SALES, "profit")
SIX_MONTHS = (0, 1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Design:
    """A trial, and what is known of it."""

    name: str
    trial: Trial
    closed_lost: bool = False  # whether the survey finds firms that have closed

    @property
    def clustered(self) -> bool:
        """Whether groups are drawn."""
        return self.trial.unit != "firm"


def visits(name: str, firms: int, share: float, **keys: Any) -> Trial:
    """Return a trial of V5's consultants: six months in the workshop, so a large effect inside the firm."""
    delivery = {"lever": "consulting", "months": SIX_MONTHS}
    return Trial(
        name=name,
        firms=firms,
        levers={"consulting": builtin_trials()["V5"].levers["consulting"]},
        arms={"consulting": {"share": share, "deliveries": [delivery]}},
        follow_up=(MONTH,),
        outcomes=OUTCOMES,
        **keys,
    )


FEW_GROUPS = "Consultants, groups of ten of 200 firms drawn, a fifth treated"
FEW_FIRMS = "Consultants, 200 firms drawn, a tenth treated"
BY_CHANCE = "The same, 20 % not found, by chance"
CLOSED_TOO = "The same, 20 % and all closed firms not found"


def designs() -> list[Design]:
    """Return the designs whose intervals are counted."""
    course = builtin_trials()["V4"].changed(targets=(), follow_up=(MONTH,), outcomes=OUTCOMES)
    half = visits("firms", 400, 0.5)
    lost = visits("fewer found", 400, 0.5, attrition=0.2)
    return [
        Design("Course of V4, 2,000 firms drawn, 30 % treated", course),
        Design("Consultants, 400 firms drawn, half treated", half),
        Design(BY_CHANCE, lost),
        Design(CLOSED_TOO, lost, closed_lost=True),
        Design("Consultants, groups of ten of 400 firms drawn, half treated", visits("groups", 400, 0.5, unit="group")),
        Design(FEW_GROUPS, visits("few groups", 200, 0.2, unit="group")),
        Design(FEW_FIRMS, visits("few firms", 200, 0.1)),
    ]


def frames_of(design: Design, worlds: int, n_jobs: int | None) -> list[pd.DataFrame]:
    """Return a design's firm frames, as its survey finds the firms."""
    frames = [world.frame() for world in trial_worlds({"it": design.trial}, worlds, n_jobs=n_jobs)["it"]]
    if design.closed_lost:
        found, alive = f"found_{MONTH}", f"alive_{MONTH}"
        frames = [frame.assign(**{found: frame[found] & frame[alive]}) for frame in frames]
    return frames


def covered(design: Design, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return how often intervals hold the exact effect, and how large that is on the treated and on their rivals."""
    plan = EvaluationPlan(design.name, OUTCOMES, (MONTH,), design.clustered, groups=False, quantiles=())
    every = evaluate(frames, plan)
    exact = every[every["estimator"] == "exact"]
    table = coverage(every).merge(_spread_over_error(every), on=["outcome", "estimator"])
    for arm, name in ((design.trial.arms, "exact_percent"), ((CONTROL,), "rivals_percent")):
        of_arm = exact[exact["arm"].isin(list(arm))].groupby("outcome")[["estimate", "control_mean"]].mean()
        table[name] = table["outcome"].map(100.0 * of_arm["estimate"] / of_arm["control_mean"])
    alive = pd.concat([frame.groupby(frame["arm"] == CONTROL)[f"alive_{MONTH}"].mean() for frame in frames], axis=1)
    closed = 100.0 * (1.0 - alive.mean(axis=1))
    table["closed_treated"], table["closed_controls"] = closed[False], closed[True]
    table["units"] = float(np.mean([frame["cluster"].nunique() for frame in frames]))
    treated = [frame.loc[frame["arm"] != CONTROL, "cluster"].nunique() for frame in frames]
    table["units_treated"] = float(np.mean(treated))
    survivors = every[(every["estimator"] == "exact_survivors") & (every["arm"] != CONTROL)]
    mean = [each.groupby("outcome")["estimate"].mean() for each in (survivors, exact[exact["arm"] != CONTROL])]
    table["survivors_percent"] = table["outcome"].map(100.0 * (mean[0] / mean[1] - 1.0))
    return table


def _spread_over_error(every: pd.DataFrame) -> pd.DataFrame:
    """Return how far estimates stray from exact effects: over the error reported, and whether the two go together.

    `spread_over_error` is a ratio of roots of mean squares, `together` the correlation with the error of how far an
    estimate strays, `upwards` that of how far up; `error_percent` is the error in per cent of the controls' mean.
    """
    rows = []
    for name, of_what in ESTIMAND.items():
        exact, found = (every[every["estimator"] == each] for each in (of_what, name))
        pairs = found.merge(exact, on=["replication", "arm", "outcome"], suffixes=("", "_exact"))
        for outcome, of_outcome in pairs[pairs["se"].notna()].groupby("outcome"):
            strays = of_outcome["estimate"] - of_outcome["estimate_exact"]
            error = math.sqrt((of_outcome["se"] ** 2).mean())
            rows.append(
                {"outcome": outcome, "estimator": name, "spread_over_error": strays.std() / error}
                | {"together": strays.abs().corr(of_outcome["se"]), "upwards": strays.corr(of_outcome["se"])}
                | {"error_percent": 100.0 * error / of_outcome["control_mean"].mean()}
            )
    return pd.DataFrame(rows)


def usual_interval(sample: Sample, adjusted: bool) -> tuple[float, float]:
    """Return the interval that most papers print: HC1, or CR1 with clusters less one degrees of freedom."""
    others = sample.others if adjusted else sample.others[:, :0]
    model = OLS(sample.outcome, np.column_stack([sample.treated, np.ones(len(sample.treated)), others]))
    if sample.clusters is None:
        fit = model.fit(cov_type="HC1", use_t=True)
    else:
        numbers = np.unique(sample.clusters, return_inverse=True)[1]
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": numbers}, use_t=True)
    low, high = fit.conf_int()[0]
    return float(low), float(high)


def own_interval(sample: Sample, adjusted: bool) -> tuple[float, float]:
    """Return the interval of the package."""
    return contrast(sample, adjusted).interval()


def alike(firms: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return the firms as they were, had all firms of an arm gained the arm's mean: the exact effect stays."""
    seen, without = f"{outcome}_{MONTH}", f"{outcome}_{MONTH}_without"
    change = firms[seen] - firms[without]
    return firms.assign(**{seen: firms[without] + change.groupby(firms["arm"]).transform("mean")})


def reasons(design: Design, frames: Sequence[pd.DataFrame]) -> Iterator[dict[str, Any]]:
    """Yield how often other intervals would hold the exact effect: of usual errors, and if all firms gained alike."""
    arm = next(iter(design.trial.arms))
    ways: dict[str, tuple[Callable[[Sample, bool], tuple[float, float]], bool]] = {
        "usual errors": (usual_interval, False),
        "ovopsim": (own_interval, False),
        "alike": (own_interval, True),
    }
    for way, (interval, same) in ways.items():
        for adjusted in (False, True):
            held = []
            for firms in frames:
                given = alike(firms, SALES) if same else firms
                low, high = interval(sample_of(given, arm, SALES, MONTH, design.clustered), adjusted)
                mine = firms[firms["arm"] == arm]
                exact = float((mine[f"{SALES}_{MONTH}"] - mine[f"{SALES}_{MONTH}_without"]).mean())
                if not math.isnan(low):  # where one group decides there is no interval
                    held.append(low <= exact <= high)
            ends = dict(zip(("low", "high"), binomial_interval(sum(held), len(held)), strict=True))
            name = "ancova" if adjusted else "difference"
            yield {"trial": design.name, "errors": way, "estimator": name, "coverage": sum(held) / len(held)} | ends


def skewness(frames: Sequence[pd.DataFrame]) -> dict[str, float]:
    """Return how skewed sales are over firms, raw and after what the baseline explains; means over worlds."""
    found = []
    for firms in frames:
        after, before = (firms[column].to_numpy(float) for column in (f"sales_{MONTH}_without", "sales_before"))
        line = np.polyfit(before, after, 1)
        left = after - np.polyval(line, before)
        found.append([skew(after), after.std() / after.mean(), left.std() / after.std()])
    return dict(zip(("skewness", "spread", "left"), np.mean(found, axis=0).tolist(), strict=True))


def measure(worlds: int, n_jobs: int | None) -> dict[str, Any]:
    """Return the tables of this part: coverage of each design, reasons, and how skewed sales are."""
    tables, others = [], []
    shape: dict[str, float] = {}
    for design in designs():
        frames = frames_of(design, worlds, n_jobs)
        tables.append(covered(design, frames))
        others += reasons(design, frames)
        shape = skewness(frames)
    return {"coverage": pd.concat(tables, ignore_index=True), "reasons": pd.DataFrame(others), "shape": shape}
