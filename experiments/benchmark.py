"""How fast the model is, beside two peers that do the same work; writes docs/performance.md and prints JSON.

    python experiments/benchmark.py [--quick] [--out docs/performance.md]

Run from the project's root, on a machine that does nothing else; takes about ten minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the peers stand with the tests

from ovopsim.fields import FirmRows, row_count  # noqa: E402 - after the path
from tests.benchmarks import measuring, mesa_peer, numpy_peer, profiling  # noqa: E402 - as above

# firms: (months, repeats); repeats last about as long as the peers' lives do
SIZES = {200: (60, 100), 2_000: (60, 10), 20_000: (60, 2), 1_000_000: (12, 3)}
QUICK_SIZES = {200: (24, 3), 2_000: (12, 1)}


def machine() -> dict[str, str]:
    """Return what the figures were measured on."""
    info = Path("/proc/cpuinfo")
    names = (
        [line.split(":")[1].strip() for line in info.read_text(encoding="utf-8").splitlines() if "model name" in line]
        if info.exists()
        else []
    )
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "mesa", "pandas", "pyarrow"))
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()}, Python {platform.python_version()}, {libraries}",
    }


def measured(quick: bool) -> dict[str, Any]:
    """Return every figure of the page."""
    sizes = QUICK_SIZES if quick else SIZES
    found = {firms: measuring.run_cost(firms, *how) for firms, how in sizes.items()}
    cost = {firms: each.month for firms, each in found.items()}
    in_proportion = {firms: measuring.run_cost(firms, *how, scale=firms / 200).month for firms, how in sizes.items()}
    mesa = {draws: peer_cost(mesa_peer.seconds_per_month(200, 2 if quick else 24, draws)) for draws in mesa_peer.DRAWS}
    numpy = {
        firms: peer_cost(numpy_peer.seconds_per_month(firms, 3 if quick else 24)) for firms in sizes if firms <= 20_000
    }
    threads = [1, 2] if quick else sorted({1, 2, os.cpu_count() or 1})
    replications = 1 if quick else 64
    roles = measuring.factorial(replications, *((30, 6) if quick else (200, 120)))
    rules = {} if quick else {firms: profiling.rule_costs(firms, *SIZES[firms]) for firms in (200, 20_000, 1_000_000)}
    pieces, calls = profiling.piece_costs(), profiling.elementary_calls()
    return {
        "ns_cpu_per_firm_month": {str(firms): round(ns, 1) for firms, ns in cost.items()},
        "whole_run": {str(firms): round(each.whole, 1) for firms, each in found.items()},
        "fork_ns_per_firm": {str(firms): round(each.fork, 1) for firms, each in found.items()},
        "budget_in_proportion": {str(firms): round(ns, 1) for firms, ns in in_proportion.items()},
        "mesa_ns": mesa,
        "numpy_ns": numpy,
        "mesa_ratio_per_core": min(mesa.values()) / cost[200],
        "numpy_ratio": numpy[200] / cost[200],
        "numpy_ratio_by_size": {str(firms): ns / cost[firms] for firms, ns in numpy.items()},
        "runs_per_s": {str(count): measuring.batch_rate(count, rounds=1 if quick else 4) for count in threads},
        "factorial_wall_s": roles["wall_s"],
        "factorial": roles | {"replications": replications},
        "set_up_s": measuring.set_up_cost(200),
        "rules": rules,
        "pieces": pieces,
        "calls": calls,
        "floor": profiling.floor(pieces, calls, row_count(FirmRows)),
        "million": {} if quick else measuring.peak_memory("run_cost(1_000_000, 12, 1)"),
    }


def peer_cost(found: tuple[float, float]) -> float:
    """Return nanoseconds for a firm and month."""
    seconds, firms = found
    return seconds * 1e9 / firms


def table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """Return a Markdown table; numbers with three digits, whole from a hundred on."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(shown(cell) for cell in line) + " |" for line in lines)


def shown(cell: Any) -> str:
    """Return a cell as text."""
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:,.0f}" if abs(cell) >= 100.0 else f"{cell:.3g}"


PAGE = """# Performance

Written by `python experiments/benchmark.py`; every figure of its tables is measured, none is typed. Times are CPU time
of one thread unless they are called wall time, and the least of some repeats.

Machine: {processor}, {cores} cores; {system}.

## Aims

On two cores; what is not met is explained below.

{aims}

## What a firm and month cost

With the whole programme on, observation included; month 0 and writing apart. Once in a run its month-0 state is
copied: the second column spreads that over the months of the run, {months}. The programme is the same at every size,
so in a large cluster few firms are served; the third column has money and capacity in proportion to the firms.

{cost}

Above {tile} firms the cluster is made of copies of one of {tile}, side by side in markets that much larger: settling a
million firms takes an hour and has nothing to do with a month. A million firms for a year: peak memory {gigabytes} GB.
A month-0 state of 200 firms (population, inversion, burn-in) takes {set_up} ms.

## Peers that do the same work

In the same run, with the same programme, one core. *Mesa*: agents with plain attributes, built on the independent
reference of the rules (`tests/reference/`), which tests hold to the compiled month; once with the model's own keyed
draws, once with Mesa's `self.random`. *NumPy*: a month of array operations (`tests/benchmarks/`), held to it too.

{peers}

## Runs

{rates}

The factorial of the seven roles (128 mixes × {replications} replications, 200 firms, 120 months) by `ovopsim.sweep`,
stored: {wall} s of wall time for {runs} different runs, {megabytes} MB.

## Where the time goes

Measured in the run itself: the month is compiled once more with the processor's cycle counter read between its rules
(`tests/benchmarks/profiling.py`), so that closures, entrants and January are in it. Nanoseconds for a firm and month;
the sum accounts for {accounted} % of the month at 200 firms.

{profile}

## What arithmetic alone would take

Counted in plain Python, a firm and month needs {exponentials} exponentials, {logarithms} logarithms and {blocks} blocks
of random numbers. In plain loops they take (ns):

{pieces}

With one pass over the {fields} fields of a firm:

{floor}

Arithmetic is not what keeps the month: the floor is a fraction of it. The rest is decisions that differ from firm to
firm (who is sold out, who borrows, who sells where), which a processor guesses wrong and pays for with some
nanoseconds each; money booked to two accounts; look-ups of acquaintances; and the agency, whose lists and deliveries
cost the same for few firms as for many. Rules are merged into the month, because handing a state over to each, for
each offer, delivery and entrant, took a sixth of it. The Mesa peer is itself written for speed (plain attributes,
nothing looked up twice).

In large populations the rules that walk over firms in order cost about what they cost for few, because the processor
fetches ahead; what costs more is what is looked up in no order. Therefore: what others see of a firm stands side by
side, and so does its programme record; neighbours are looked up without branches, so that many are on their way at
once; learning goes through firms in blocks; entrants' acquaintances are looked for in batches, each guessed on the
ring first; and of a long list the agency puts in order only what its money may reach.
"""


def page(found: dict[str, Any]) -> str:
    """Return docs/performance.md."""
    cost, roles, calls = found["ns_cpu_per_firm_month"], found["factorial"], found["calls"]
    floor = [*found["floor"].items(), ("floor", sum(found["floor"].values()))]
    words = machine() | {
        "aims": aims_table(found),
        "cost": table(
            (
                "firms",
                "ns for a firm and month",
                "the same, copy included",
                "budget in proportion",
                "copy: ns for a firm",
            ),
            [
                (
                    f"{int(firms):,}",
                    ns,
                    found["whole_run"][firms],
                    found["budget_in_proportion"][firms],
                    found["fork_ns_per_firm"][firms],
                )
                for firms, ns in cost.items()
            ],
        ),
        "tile": f"{measuring.TILE:,}",
        "months": f"{SIZES[200][0]} (of the largest {SIZES[max(SIZES)][0]})",
        "gigabytes": f"{found['million'].get('gigabytes', float('nan')):.1f}",
        "set_up": f"{found['set_up_s'] * 1e3:.0f}",
        "peers": peers_table(found),
        "rates": table(("threads", "policy runs in a second (200 firms, 120 months)"), [*found["runs_per_s"].items()]),
        "replications": roles["replications"],
        "wall": f"{roles['wall_s']:.1f}",
        "runs": f"{roles['runs']:,.0f}",
        "megabytes": f"{roles['store_bytes'] / 1e6:,.0f}",
        "profile": profile_table(found["rules"], cost),
        "accounted": f"{100.0 * sum(found['rules'].get(200, {}).values()) / cost['200']:.0f}",
        "exponentials": f"{calls['exponential']:.1f}",
        "logarithms": f"{calls['logarithm']:.1f}",
        "blocks": f"{calls['philox']:.1f}",
        "pieces": table(("piece", "ns"), [*found["pieces"].items()]),
        "fields": row_count(FirmRows),
        "floor": table(("part", "ns for a firm and month"), floor),
    }
    return PAGE.format(**words)


def aims_table(found: dict[str, Any]) -> str:
    """Return what was aimed at, what was measured, and whether it is met."""
    cost = found["ns_cpu_per_firm_month"]
    largest = max(cost, key=int)
    memory = found["million"].get("gigabytes", float("nan"))
    slowest = min(found["numpy_ratio_by_size"].values())
    rows = [
        ("ns for a firm and month, 200 firms", "250 at most", cost["200"], cost["200"] <= 250.0),
        (
            f"{int(largest):,} firms over 200 firms",
            "1.25 at most",
            cost[largest] / cost["200"],
            cost[largest] <= 1.25 * cost["200"],
        ),
        (
            "times faster than the Mesa peer",
            "100 at least",
            found["mesa_ratio_per_core"],
            found["mesa_ratio_per_core"] >= 100.0,
        ),
        (
            "times faster than the NumPy peer, 200 firms",
            "3 at least",
            found["numpy_ratio"],
            found["numpy_ratio"] >= 3.0,
        ),
        ("the same at the size where it is least", "1 at least", slowest, slowest >= 1.0),
        ("the factorial, s of wall time", "30 at most", found["factorial_wall_s"], found["factorial_wall_s"] <= 30.0),
        ("GB for a million firms", "8 at most", memory, memory <= 8.0),
    ]
    return table(("what", "aim", "measured", "met"), [(*row, "yes" if met else "no") for *row, met in rows])


def peers_table(found: dict[str, Any]) -> str:
    """Return what the peers need, and how many times more that is."""
    ours = found["ns_cpu_per_firm_month"]
    rows: list[tuple[Any, ...]] = [
        (f"Mesa, {draws}", 200, ns, ns / ours["200"]) for draws, ns in found["mesa_ns"].items()
    ]
    rows += [("NumPy", firms, ns, ns / ours[str(firms)]) for firms, ns in found["numpy_ns"].items()]
    return table(("peer", "firms", "ns for a firm and month", "times slower"), rows)


def profile_table(rules: dict[int, dict[str, float]], cost: dict[str, float]) -> str:
    """Return the rules' costs, their sum and the month's."""
    rows: list[tuple[Any, ...]] = []
    if rules:
        rows = [(name, *(each[name] for each in rules.values())) for name in next(iter(rules.values()))]
        rows.append(("sum", *(sum(each.values()) for each in rules.values())))
        rows.append(("the month as a whole", *(cost[str(firms)] for firms in rules)))
    return table(("rule", *(f"ns, {firms:,} firms" for firms in rules or (0,))), rows)


def main() -> None:
    """Measure, write the page, print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "performance.md")
    options = parser.parse_args()
    found = measured(options.quick)
    options.out.write_text(page(found), encoding="utf-8")
    print(json.dumps(found, default=float))


if __name__ == "__main__":
    main()
