"""How sure is the default comparison? Its variance split, how often each role is best, and what each role rests on.

No programme, all seven roles and each role alone under 64 draws of what nobody knows × 8 worlds × each shock and none.

    python experiments/how_sure.py --out results/how_sure [--quick] [--draws 64] [--posterior FILE]
"""

from __future__ import annotations

from pathlib import Path

from reporting import keep, parser, save, size

import ovopsim as ov
from ovopsim.analysis.certainty_tables import TABLES


def main() -> None:
    """Run the experiment and write tables and figures."""
    arguments = parser(__doc__, "how_sure")
    arguments.set_defaults(replications=8)
    arguments.add_argument("--draws", type=int, default=64, help="draws of what nobody knows")
    arguments.add_argument("--posterior", type=Path, help="draws of a calibration, CSV or Parquet")
    options = arguments.parse_args()
    shape = size(options)
    scenarios = {name: scenario.changed(**shape) for name, scenario in ov.presets().items()}
    found = ov.how_sure(
        scenarios,
        4 if options.quick else options.draws,
        options.replications,
        posterior=options.posterior,
        store=options.out / "store",
    )
    for name in (*TABLES, "draws"):
        keep(getattr(found, name), options.out, name)
    for name, outcome in {"sales": "sales_idr", "value_added": "value_added_idr", "jobs": "jobs"}.items():
        save(found.plot(outcome), options.out, f"how_sure_{name}")
    print(found)


if __name__ == "__main__":
    main()
