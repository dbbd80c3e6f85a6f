"""Robust errors against their formulas, and two-stage least squares against the ratio it is."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.special import stdtrit
from statsmodels.regression.linear_model import OLS

from ovopsim.analysis.regressions import covariates, instrumented, least_squares, regression
from ovopsim.errors import InputError

NOTHING = np.empty((400, 0))


def degrees_of_freedom(treated: int, controls: int) -> float:
    """Of a difference of two means, as Imbens and Kolesár (2016) have it."""
    both = (treated + controls) ** 2 * (treated - 1) * (controls - 1)
    return both / (treated**2 * (treated - 1) + controls**2 * (controls - 1))


@pytest.fixture
def stream() -> np.random.Generator:
    return np.random.default_rng(7)


def test_a_difference_of_means_has_the_error_of_two_samples(stream: np.random.Generator) -> None:
    treated = (np.arange(400) < 100).astype(float)
    outcome = stream.normal(5.0 + treated, 1.0 + 3.0 * treated)
    fit = regression(outcome, treated, NOTHING)
    offered, control = outcome[:100], outcome[100:]
    assert fit.estimate == pytest.approx(offered.mean() - control.mean())
    # HC2: each sample's unbiased variance over its size
    assert fit.se == pytest.approx(math.sqrt(offered.var(ddof=1) / 100 + control.var(ddof=1) / 300))
    # Imbens and Kolesár (2016), with as much spread in both: fewer than 398 where one sample is small
    assert fit.freedom == pytest.approx(degrees_of_freedom(100, 300))
    assert 165 < fit.freedom < 175


@pytest.mark.parametrize("sizes", [np.full(12, 5), np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 5, 5, 5])])
def test_clustered_errors_are_the_sandwich_without_its_bias(stream: np.random.Generator, sizes: np.ndarray) -> None:
    clusters = np.repeat(np.arange(12), sizes).astype(float)
    treated = (clusters < 4).astype(float)
    outcome = treated + stream.normal(size=12)[clusters.astype(int)] + stream.normal(size=60)
    baseline = stream.normal(size=60)
    shuffled = stream.permutation(60)
    fit = regression(outcome[shuffled], treated[shuffled], baseline[shuffled, None], clusters[shuffled])
    design = np.column_stack([treated, np.ones(60), baseline])
    bread = np.linalg.inv(design.T @ design)
    maker = np.eye(60) - design @ bread @ design.T
    columns, scores = [], []
    for number in range(12):
        mine = clusters == number
        weights = np.linalg.inv(sqrtm(maker[np.ix_(mine, mine)]).real) @ design[mine] @ bread[:, 0]
        columns.append(maker[:, mine] @ weights)
        scores.append(weights @ (maker @ outcome)[mine])
    spread = np.array(columns) @ np.array(columns).T
    assert fit.se == pytest.approx(math.sqrt(np.square(scores).sum()))
    assert fit.freedom == pytest.approx(np.trace(spread) ** 2 / np.trace(spread @ spread))
    assert fit.clusters == 12
    low, high = fit.interval()
    assert high - low == pytest.approx(2.0 * stdtrit(fit.freedom, 0.975) * fit.se)


def test_a_clustered_difference_has_the_error_of_the_means_of_clusters(stream: np.random.Generator) -> None:
    clusters = np.repeat(np.arange(20), 40).astype(float)
    outcome = stream.normal(size=20)[clusters.astype(int)] + stream.normal(size=800)
    fit = regression(outcome, (clusters < 5).astype(float), np.empty((800, 0)), clusters)
    means = outcome.reshape(20, 40).mean(axis=1)
    assert fit.se == pytest.approx(math.sqrt(means[:5].var(ddof=1) / 5 + means[5:].var(ddof=1) / 15))
    assert fit.freedom == pytest.approx(degrees_of_freedom(5, 15))
    assert fit.freedom < 8  # and not 19


def test_each_firm_a_cluster_is_no_cluster(stream: np.random.Generator) -> None:
    treated, baseline = np.tile([0.0, 1.0, 0.0, 0.0], 100), stream.normal(size=400)
    outcome = stream.normal(size=400) + baseline
    alone = regression(outcome, treated, baseline[:, None])
    clustered = regression(outcome, treated, baseline[:, None], np.arange(400.0)[::-1])
    assert (clustered.estimate, clustered.se) == pytest.approx((alone.estimate, alone.se))
    assert clustered.freedom == pytest.approx(alone.freedom)


def test_intervals_hold_the_truth_where_few_of_few_clusters_are_treated() -> None:
    """The usual error, with clusters − 1 degrees of freedom, does so far too seldom."""
    stream = np.random.default_rng(3)
    clusters = np.repeat(np.arange(18), 10).astype(float)
    treated = (clusters < 4).astype(float)
    regressors = np.column_stack([treated, np.ones(180)])
    hits = {"mended": 0, "usual": 0}
    for _ in range(1_000):
        outcome = stream.normal(size=18)[clusters.astype(int)] + stream.normal(size=180)
        low, high = regression(outcome, treated, np.empty((180, 0)), clusters).interval()
        hits["mended"] += low <= 0.0 <= high
        usual = OLS(outcome, regressors).fit(cov_type="cluster", cov_kwds={"groups": clusters.astype(int)}, use_t=True)
        hits["usual"] += usual.conf_int()[0, 0] <= 0.0 <= usual.conf_int()[0, 1]
    assert 0.93 < hits["mended"] / 1_000 < 0.99
    assert hits["usual"] / 1_000 < 0.91


def test_one_treated_cluster_has_no_error(stream: np.random.Generator) -> None:
    clusters = np.repeat(np.arange(10), 40).astype(float)
    outcome = stream.normal(size=400)
    fit = regression(outcome, (clusters == 3).astype(float), NOTHING, clusters)
    assert fit.estimate == pytest.approx(outcome[120:160].mean() - np.delete(outcome, slice(120, 160)).mean())
    assert math.isnan(fit.se)
    assert math.isnan(fit.freedom)
    assert fit.note == "few_clusters"
    one = regression(outcome, (np.arange(400) == 3).astype(float), NOTHING)
    assert math.isnan(one.se)


def test_a_stratum_of_one_cluster_takes_no_error_away(stream: np.random.Generator) -> None:
    clusters = np.repeat(np.arange(11), 40).astype(float)
    outcome, treated = stream.normal(size=440), (clusters < 5).astype(float)
    own = (clusters == 10).astype(float)[:, None]
    fit = regression(outcome, treated, own, clusters)
    without = regression(outcome[:400], treated[:400], NOTHING, clusters[:400])
    assert (fit.estimate, fit.se, fit.freedom) == pytest.approx((without.estimate, without.se, without.freedom))


@pytest.mark.parametrize(("treated", "note"), [(2, "few_clusters"), (5, "")])
def test_few_degrees_of_freedom_are_noted(stream: np.random.Generator, treated: int, note: str) -> None:
    clusters = np.repeat(np.arange(10), 40).astype(float)
    fit = regression(stream.normal(size=400), (clusters < treated).astype(float), NOTHING, clusters)
    assert fit.note == note
    assert fit.freedom == pytest.approx(degrees_of_freedom(treated, 10 - treated))


def test_two_stage_least_squares_is_the_ratio_of_two_differences(stream: np.random.Generator) -> None:
    offered = np.tile([0.0, 1.0], 200)
    taken = offered * (stream.random(400) < 0.4)
    outcome = 3.0 * taken + stream.normal(size=400)
    fit = instrumented(outcome, taken, offered, NOTHING)
    first = taken[offered == 1.0].mean()
    difference = outcome[offered == 1.0].mean() - outcome[offered == 0.0].mean()
    assert fit.estimate == pytest.approx(difference / first)
    # HC2 sandwich on the fitted regressors with the residuals of the actual ones
    fitted = np.column_stack([offered * first, np.ones(400)])
    left = outcome - fit.estimate * taken
    left -= left.mean()
    bread = np.linalg.inv(fitted.T @ fitted)
    kept = 1.0 - np.einsum("ij,jk,ik->i", fitted, bread, fitted)
    scores = fitted * (left / np.sqrt(kept))[:, None]
    assert fit.se == pytest.approx(math.sqrt((bread @ scores.T @ scores @ bread)[0, 0]))


def test_a_weak_first_stage_is_noted(stream: np.random.Generator) -> None:
    offered = np.tile([0.0, 1.0], 200)
    taken = np.zeros(400)
    outcome = stream.normal(size=400)
    assert math.isnan(instrumented(outcome, taken, offered, NOTHING).estimate)
    taken[[1, 3]] = 1.0
    assert instrumented(outcome, taken, offered, NOTHING).note == "weak_first_stage"


def test_strata_that_say_who_is_treated_are_left_out() -> None:
    treated = np.repeat([0.0, 1.0], 6)
    within, between = np.tile([0.0, 1.0, 2.0], 4), np.repeat([0.0, 1.0, 2.0, 3.0], 3)
    assert covariates([], treated, within).shape == (12, 2)
    assert covariates([], treated, between).shape == (12, 0)
    assert covariates([np.ones(12)], treated, np.zeros(12)).shape == (12, 0)


def test_too_few_firms_have_an_estimate_without_error() -> None:
    treated = np.array([0.0, 1.0])
    fit = regression(np.array([1.0, 4.0]), treated, np.empty((2, 0)))
    assert fit.estimate == pytest.approx(3.0)
    assert math.isnan(fit.se)
    assert math.isnan(fit.p_value)


def test_the_p_value_is_that_of_the_interval(stream: np.random.Generator) -> None:
    treated = np.tile([0.0, 1.0], 200)
    noise = stream.normal(size=400)
    fit = regression(noise, treated, NOTHING)
    # an effect that puts the end of the interval on zero
    edge = regression(noise - treated * fit.interval()[0], treated, NOTHING)
    assert edge.p_value == pytest.approx(0.05)


def test_without_statsmodels_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("statsmodels"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(InputError, match=r"statsmodels.*ovopsim\[analysis\]"):
        least_squares()
