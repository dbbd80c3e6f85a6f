"""Part of `evaluators.py`: the figures in the prose of its page, and which claims of it they do not bear."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from evaluators_coverage import BY_CHANCE, CLOSED_TOO, FEW_FIRMS, FEW_GROUPS
from evaluators_rivals import Size, by_equation, of_cluster, shipped

NOMINAL = 0.95
SHIPPED, HALF, CLOSED = "as shipped", "half elsewhere", "hardly any elsewhere"
Tables = Mapping[str, pd.DataFrame]
Numbers = dict[str, object]


def at(table: pd.DataFrame, market: str, share: float, dose: float = 1.0) -> pd.Series:
    """Return one row of the saturations."""
    return table[(table["market"] == market) & (table["dose"] == dose) & (table["share"] == share)].iloc[0]


def span(values: pd.Series, digits: int = 0) -> str:
    """Return the least and the largest of some values."""
    return f"{values.min():.{digits}f} to {values.max():.{digits}f}"


def of_coverage(table: pd.DataFrame) -> Numbers:
    """Return what the table of coverage says."""
    ancova = table[table["estimator"] == "ancova"]
    sales = ancova[ancova["outcome"] == "sales"].set_index("trial")
    closed = sales.loc[CLOSED_TOO]
    return {
        "trials": int(table["replications"].max()),
        "cells": len(table),
        "below": int((table["high"] < NOMINAL).sum()),
        "above": int((table["low"] > NOMINAL).sum()),
        "ancova_span": span(100.0 * ancova["coverage"]),
        "loss_in_errors": (-table["rivals_percent"] / table["error_percent"]).max(),
        "closed_treated": closed["closed_treated"],
        "closed_controls": closed["closed_controls"],
        "off_closed": closed["bias_percent"],
        "off_chance": sales.loc[BY_CHANCE, "bias_percent"],
        "survivors": closed["survivors_percent"],
        "few_groups": sales.loc[FEW_GROUPS, "units"],
        "few_groups_treated": sales.loc[FEW_GROUPS, "units_treated"],
        "few_firms_treated": sales.loc[FEW_FIRMS, "units_treated"],
    }


def of_reasons(table: pd.DataFrame, covered: pd.DataFrame, shape: Mapping[str, float]) -> Numbers:
    """Return why coverage is off."""
    held = 100.0 * table.set_index(["trial", "estimator", "errors"])["coverage"]
    sales = covered[covered["outcome"] == "sales"].set_index(["trial", "estimator"])
    alike = (held.xs("ovopsim", level="errors") - held.xs("alike", level="errors")).groupby("estimator").mean()
    found: Numbers = {}
    for name in ("difference", "ancova"):
        own = sales.xs(name, level="estimator")
        found |= {
            f"groups_usual_{name}": held[FEW_GROUPS, name, "usual errors"],
            f"groups_own_{name}": held[FEW_GROUPS, name, "ovopsim"],
            f"firms_own_{name}": held[FEW_FIRMS, name, "ovopsim"],
            f"upwards_{name}": sales.loc[(FEW_FIRMS, name), "upwards"],
            f"alike_{name}": alike[name],
            f"together_{name}": own["together"].mean(),
            f"strays_{name}": own["spread_over_error"].mean(),
        }
    explained = 100.0 * (1.0 - shape["left"] ** 2)
    return found | {"skewness": shape["skewness"], "spread": shape["spread"], "explained": explained}


def of_rivals(tables: Tables) -> Numbers:
    """Return what rivals lose, and what the market's equations say of it."""
    table, groups = tables["saturations"], tables["groups"].set_index("market")
    mix, inside = shipped("channel_mix"), of_cluster(None)
    some = table[table["by_equation"].notna()]
    ratio, early = (
        (some[name] / some["by_equation"]).groupby(some["market"]) for name in ("too_much", "too_much_early")
    )
    found: Numbers = {
        "worst_lever": tables["levers"].iloc[0]["lever"],
        "cluster_part": 100.0 * sum(mix[name] * part for name, part in inside.items()) / sum(mix.values()),
        "equation_half": by_equation(0.5, None),
        "equation_half_least": by_equation(0.5, None, least=True),
    }
    for name, market in (("here", SHIPPED), ("there", CLOSED)):
        half = at(table, market, 0.5)
        found |= {
            f"rivals_{name}": -half["untreated"],
            f"much_{name}": half["too_much"],
            f"found_{name}": half["expected"],
            f"whole_{name}": at(table, market, 1.0)["everyone"],
            f"quarter_{name}": at(table, market, 0.25)["too_much"],
            f"most_{name}": at(table, market, 0.75)["too_much"],
            f"groups_{name}": groups.loc[market, "too_much"],
            f"ratio_{name}": span(ratio.get_group(market), 2),
            f"early_{name}": span(early.get_group(market), 2),
            f"five_{name}": at(table, market, 0.5, 5.0)["too_much"],
        }
    return found


def of_towns(table: pd.DataFrame, size: Size) -> Numbers:
    """Return what towns show."""
    wide = table[table["compared"] == "between towns"]
    naive = table[table["compared"] == "within towns"].set_index(["market", "dose", "arm"])
    mild, plain = naive.loc[(SHIPPED, 1.0, "treated_50")], naive.loc[(CLOSED, 1.0, "treated_75")]
    worst = naive.loc[(CLOSED, 5.0, "treated_75")]
    half = wide.set_index(["market", "dose", "arm"]).loc[(SHIPPED, 1.0, "treated_50")]
    return {
        "experiments": size.experiments,
        "towns": size.towns,
        "town_firms": size.firms_of_a_town,
        "towns_each": size.towns_of_a_share,
        "towns_clear": int(((wide["bias_low"] > 0.0) | (wide["bias_high"] < 0.0)).sum()),
        "towns_rows": len(wide),
        "towns_span": span(100.0 * wide["coverage"]),
        "towns_width": half["half_width"],
        "mild_bias": mild["bias"],
        "mild_width": mild["half_width"],
        "mild_held": 100.0 * mild["coverage"],
        "plain_bias": plain["bias"],
        "plain_held": 100.0 * plain["coverage"],
        "worst_bias": worst["bias"],
        "worst_held": 100.0 * worst["coverage"],
    }


def numbers(tables: Tables, shape: Mapping[str, float], size: Size) -> Numbers:
    """Return every figure of the prose by its name in the page."""
    return {
        **of_coverage(tables["coverage"]),
        **of_reasons(tables["reasons"], tables["coverage"], shape),
        **of_rivals(tables),
        **of_towns(tables["towns"], size),
        "scan_worlds": size.scan_worlds,
        "worlds": size.worlds,
        "firms": f"{size.firms:,}",
    }


def unsupported(tables: Tables, found: Mapping[str, object]) -> list[str]:
    """Return claims of the page's prose that its own figures do not bear: then change the words, not the figures."""
    value = {name: float(each) for name, each in found.items() if not isinstance(each, str)}
    ancova = tables["coverage"].query("estimator == 'ancova'")
    towns = tables["towns"].query("compared == 'between towns'")
    levers = tables["levers"].set_index("lever")["too_much"]
    half = tables["saturations"].query("dose == 1.0 and share == 0.5").set_index("market")
    opening = [levers[name] for name in ("exhibition", "business_matching")]
    claims = {
        "intervals of ANCOVA keep their word": bool((ancova["high"] >= NOMINAL).all()),
        "usual errors fail with few groups": value["groups_usual_ancova"] < 92.0 <= value["groups_own_ancova"],
        "a difference of few firms fails, ANCOVA does not": value["firms_own_difference"] < 93.0
        and value["firms_own_ancova"] >= 94.0
        and value["upwards_difference"] > 0.2,
        "survivors gain more, and the naive estimate of them is higher": value["survivors"] > 0.0
        and value["off_closed"] > value["off_chance"],
        "rivals lose little here": value["much_here"] < 25.0 < value["much_there"],
        "the naive estimate is alike in both markets": abs(value["found_there"] / value["found_here"] - 1.0) < 0.15,
        "rivals win a part back within a year": half.loc[CLOSED, "too_much"] < half.loc[CLOSED, "too_much_early"],
        "the dose hardly matters": all(
            abs(value[f"five_{name}"] / value[f"much_{name}"] - 1.0) < 0.25 for name in ("here", "there")
        ),
        "groups do not help": all(value[f"groups_{name}"] > 0.75 * value[f"much_{name}"] for name in ("here", "there")),
        "fairs and large buyers cost rivals little": max(opening) < value["much_here"],
        "towns are right": bool((towns["high"] >= NOMINAL).all()),
        "within towns the interval fails": value["worst_held"] < 50.0,
        "the interval hides the loss": value["mild_bias"] < value["mild_width"] / 2.0,
    }
    return [claim for claim, borne in claims.items() if not borne]
