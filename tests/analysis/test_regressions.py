"""Robust errors against their formulas, and two-stage least squares against the ratio it is."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np
import pytest

from ovopsim.analysis.regressions import covariates, instrumented, least_squares, regression
from ovopsim.errors import InputError

NOTHING = np.empty((400, 0))


@pytest.fixture
def stream() -> np.random.Generator:
    return np.random.default_rng(7)


def test_a_difference_of_means_has_the_error_of_two_samples(stream: np.random.Generator) -> None:
    treated = (np.arange(400) < 100).astype(float)
    outcome = stream.normal(5.0 + treated, 1.0 + 3.0 * treated)
    fit = regression(outcome, treated, NOTHING)
    offered, control = outcome[:100], outcome[100:]
    assert fit.estimate == pytest.approx(offered.mean() - control.mean())
    # HC1: variances over the sizes of the samples, times n / (n − 2)
    expected = math.sqrt((offered.var() / 100 + control.var() / 300) * 400 / 398)
    assert fit.se == pytest.approx(expected)
    assert fit.freedom == 398


def test_clustered_errors_are_the_sandwich_with_its_correction(stream: np.random.Generator) -> None:
    clusters = np.repeat(np.arange(50), 8).astype(float)
    treated = (clusters < 20).astype(float)
    baseline = stream.normal(size=400)
    outcome = treated + baseline + stream.normal(size=50)[clusters.astype(int)] + stream.normal(size=400)
    fit = regression(outcome, treated, baseline[:, None], clusters)
    design = np.column_stack([treated, np.ones(400), baseline])
    bread = np.linalg.inv(design.T @ design)
    left = outcome - design @ bread @ design.T @ outcome
    sums = np.array([(design * left[:, None])[clusters == number].sum(axis=0) for number in range(50)])
    meat = bread @ sums.T @ sums @ bread * (50 / 49) * (399 / 397)
    assert fit.se == pytest.approx(math.sqrt(meat[0, 0]))
    assert (fit.clusters, fit.freedom, fit.note) == (50, 49, "")
    low, high = fit.interval()
    assert high - low == pytest.approx(2.0 * 2.009575 * fit.se, rel=1e-5)  # Student's t, 49 degrees of freedom


def test_few_clusters_are_noted(stream: np.random.Generator) -> None:
    clusters = np.repeat(np.arange(10), 40).astype(float)
    fit = regression(stream.normal(size=400), (clusters < 5).astype(float), NOTHING, clusters)
    assert (fit.note, fit.freedom) == ("few_clusters", 9)


def test_two_stage_least_squares_is_the_ratio_of_two_differences(stream: np.random.Generator) -> None:
    offered = np.tile([0.0, 1.0], 200)
    taken = offered * (stream.random(400) < 0.4)
    outcome = 3.0 * taken + stream.normal(size=400)
    fit = instrumented(outcome, taken, offered, NOTHING)
    first = taken[offered == 1.0].mean()
    difference = outcome[offered == 1.0].mean() - outcome[offered == 0.0].mean()
    assert fit.estimate == pytest.approx(difference / first)
    # HC1 sandwich on the fitted regressors with the residuals of the actual ones
    fitted = np.column_stack([offered * first, np.ones(400)])
    left = outcome - fit.estimate * taken
    left -= left.mean()
    bread = np.linalg.inv(fitted.T @ fitted)
    scores = fitted * left[:, None]
    assert fit.se == pytest.approx(math.sqrt((bread @ scores.T @ scores @ bread)[0, 0] * 400 / 398))


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
