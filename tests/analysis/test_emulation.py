"""Emulators: right where the truth is simple, honest about their errors everywhere."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from ovopsim.analysis.emulation import fit_emulator
from ovopsim.analysis.history_matching import latin_hypercube
from ovopsim.analysis.tolerances import Target
from ovopsim.errors import InputError
from ovopsim.fields import Reals

TARGETS = {"square": Target(0.0, 1.0), "wave": Target(-0.5, 0.5), "flat": Target(0.0, 1.0)}
NOISE = 0.01


def truth(shares: Reals) -> Reals:
    a, b = shares[:, 0], shares[:, 1]
    return np.column_stack([a * a + a * b, np.sin(9.0 * a) * (0.5 + b), np.full(len(a), 0.3)])


@pytest.fixture(scope="module")
def known() -> tuple[Reals, Reals]:
    shares = latin_hypercube(120, 8, 3)
    return shares, truth(shares) + NOISE * np.random.default_rng(4).normal(size=(120, 3))


def test_errors_are_as_large_as_it_says(known: tuple[Reals, Reals]) -> None:
    emulator = fit_emulator(*known, TARGETS, np.full(3, NOISE))
    fresh = latin_hypercube(500, 8, 5)
    mean, variance = emulator.predict(fresh)
    seen = truth(fresh) + NOISE * np.random.default_rng(6).normal(size=(500, 3))
    ratio = np.mean((mean - seen) ** 2 / variance, axis=0)
    assert (ratio > 0.5).all()
    assert (ratio < 2.0).all()


def test_a_square_with_a_product_is_emulated_to_its_noise_and_a_wave_by_a_process(known: tuple[Reals, Reals]) -> None:
    emulator = fit_emulator(*known, TARGETS, np.full(3, NOISE))
    fresh = latin_hypercube(500, 8, 5)
    mean, _ = emulator.predict(fresh)
    off = np.sqrt(np.mean((mean - truth(fresh)) ** 2, axis=0))
    assert off[0] < NOISE
    assert off[2] < NOISE
    assert off[1] < 0.3 * truth(fresh)[:, 1].std()
    square, wave, flat = emulator.parts
    assert (square.process is None, wave.process is None, flat.process is None) == (True, False, True)
    assert {0, 1} <= set(square.active.tolist())


def test_runs_that_failed_are_left_out_and_extremes_do_not_count(known: tuple[Reals, Reals]) -> None:
    shares, simulated = known
    spoilt = simulated.copy()
    spoilt[0] = np.nan
    spoilt[1, 0] = 1e9
    fresh = latin_hypercube(100, 8, 5)
    off = fit_emulator(shares, spoilt, TARGETS, np.full(3, NOISE)).predict(fresh)[0][:, 0] - truth(fresh)[:, 0]
    assert np.sqrt(np.mean(off**2)) < 0.5


def test_too_few_runs_and_a_missing_library_are_said(
    known: tuple[Reals, Reals], monkeypatch: pytest.MonkeyPatch
) -> None:
    shares, simulated = known
    with pytest.raises(InputError, match="5 evaluations went well; at least 12"):
        fit_emulator(shares[:5], simulated[:5], TARGETS, np.full(3, NOISE))
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(InputError, match=r"needs scikit-learn: python -m pip install 'ovopsim\[analysis\]'"):
        fit_emulator(shares, simulated, TARGETS, np.full(3, NOISE))
