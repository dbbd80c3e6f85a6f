"""What the model assumes: one cited record for each number, how they vary, and money of other years."""

from ovopsim.parameters.evidence import Evidence, all_evidence
from ovopsim.parameters.loading import all_records, leaf_paths, locate, resolved_changes, values
from ovopsim.parameters.money import deflate, format_idr, price_levels, usd_to_idr
from ovopsim.parameters.records import Record
from ovopsim.parameters.variation import quantile, sample, uncertain_leaves

__all__ = [
    "Record",
    "all_records",
    "leaf_paths",
    "locate",
    "values",
    "resolved_changes",
    "quantile",
    "uncertain_leaves",
    "sample",
    "Evidence",
    "all_evidence",
    "deflate",
    "usd_to_idr",
    "price_levels",
    "format_idr",
]
