"""What is assumed, as a table."""

from __future__ import annotations

import pandas as pd

from ovopsim.parameters.loading import leaf_paths, locate


def parameter_table() -> pd.DataFrame:
    """Return what the model assumes, one row for each single number.

    Returns
    -------
    DataFrame
        ``parameter`` (the path by which a scenario changes it), ``value, unit, low, high`` (hard bounds), ``prior,
        grade`` (measured here, measured elsewhere, assumption), ``evidence, source, derivation, uncertain, about``.

    Examples
    --------
    >>> parameter_table().set_index("parameter").loc["planning.cover", "unit"]
    'months'
    """
    rows = []
    for path in leaf_paths():
        record, member = locate(path)
        rows.append(
            {
                "parameter": path,
                "value": record.value_of(member),
                "unit": record.unit,
                "low": record.range[0],
                "high": record.range[1],
                "prior": None if record.prior is None else " ".join(f"{part}" for part in record.prior),
                "grade": record.grade,
                "evidence": ", ".join(record.evidence),
                "source": record.source,
                "derivation": record.derivation,
                "uncertain": record.uncertain,
                "about": record.about,
            }
        )
    return pd.DataFrame(rows)
