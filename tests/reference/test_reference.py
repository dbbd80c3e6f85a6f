"""The reference itself: independent of what it checks, and right where the answer is published or goes round."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from ovopsim import draws as package
from ovopsim.fields import FIRM, FirmRows, fields_of
from tests.reference.comparison import WITHOUT_COUNTERPART, differences
from tests.reference.conversion import column_of
from tests.reference.draws import PROCESS, Draws, philox
from tests.reference.worlds import random_case

HERE = Path(__file__).parent
# these bring the two together; everything else is the reference
BRIDGES = {"conversion", "comparison", "worlds", "programmes", "package"}
REFERENCE = [path for path in sorted(HERE.glob("*.py")) if path.stem not in BRIDGES and "test_" not in path.stem]


@pytest.mark.parametrize("path", REFERENCE, ids=lambda path: path.stem)
def test_the_reference_imports_the_standard_library_and_itself_only(path):
    allowed = {"__future__", "collections", "dataclasses", "math", "statistics", "types", "typing"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            bridge = name.removeprefix("tests.reference").lstrip(".") in BRIDGES
            assert not bridge, name
            assert name.startswith("tests.reference") or name.split(".")[0] in allowed, name


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, 0xFFFFFFFFFFFFFFFF, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            0x299F31D0A4093822,
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_passes_the_published_vectors(counter, key, words):
    assert philox(counter, key) == words


def test_draws_are_those_of_the_package():
    rng = np.random.default_rng(1)
    for _ in range(50):
        key, month = int(rng.integers(2**63)), int(rng.integers(-800, 800))
        entity, index = (int(number) for number in rng.integers(0, 2**31, 2))
        name = str(rng.choice(list(PROCESS)))
        process = package.PROCESSES[name]
        uniform = Draws(key).uniform(name, entity, month, index)
        assert uniform == package.uniform(np.uint64(key), process, entity, month, index)
        normal = package.normal(np.uint64(key), process, entity, month, index)
        assert Draws(key).normal(name, entity, month, index) == pytest.approx(normal, rel=1e-14)


def test_process_numbers_are_those_of_the_package():
    assert {name: package.PROCESSES[name] for name in PROCESS} == PROCESS


def test_a_state_survives_the_way_to_objects_and_back():
    for seed in range(5):
        case = random_case(seed)
        world, _ = case.reference()
        assert not differences(case.state, world, 1e-15)
        slots = {case.state.firms[FIRM.firm_id, slot]: slot for slot in range(case.state.firms.shape[1])}
        for firm in world.firms:
            column = column_of(firm)
            for name, (field, row) in fields_of(FirmRows).items():
                if name not in WITHOUT_COUNTERPART:
                    there = case.state.firms[row : row + field.rows, slots[firm.firm_id]]
                    assert column[row : row + field.rows] == pytest.approx(there, rel=1e-14)


def test_a_difference_is_named():
    case = random_case(1)
    world, _ = case.reference()
    firm = world.firms[3]
    firm.cash += 1.0
    firm.neighbours[2] = firm
    found = differences(case.state, world, 1e-12)
    assert any(f"firm {firm.firm_id}: cash is" in text for text in found)
    assert any(f"firm {firm.firm_id}: peer_id[2] is" in text for text in found)
    assert len(found) == 2
