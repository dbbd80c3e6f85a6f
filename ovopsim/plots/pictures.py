"""Pictures of a comparison: growth, effects, binding constraints, who gains."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ovopsim.fields import CONSTRAINTS
from ovopsim.labels import label
from ovopsim.parameters.money import format_idr

# Okabe and Ito's palette, told apart with any colour vision
COLOURS = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6BB1", "#7F7F7F")
GROWTH = ("sales_idr", "value_added_idr", "jobs", "firms")
SMOOTH = 12


def _figure(width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Figure, list]:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False)
    for each in axes.ravel():
        each.spines[["top", "right"]].set_visible(False)
    return figure, list(axes.ravel())


def growth(paths: pd.DataFrame, language: str = "en") -> Figure:
    """Return the paths of headline outcomes, twelve-month means, a line an arm with a band for the first two."""
    arms = list(dict.fromkeys(paths["arm"]))
    figure, axes = _figure(11, 7.5, 2, 2)
    for axis, outcome in zip(axes, GROWTH, strict=True):
        for place, arm in enumerate(arms):
            mine = paths[(paths["arm"] == arm) & (paths["outcome"] == outcome)]
            smooth = mine[["mean", "low", "high"]].rolling(SMOOTH, min_periods=1).mean()
            colour = COLOURS[place % len(COLOURS)]
            axis.plot(
                mine["month"], smooth["mean"], color=colour, lw=2.2 if place < 2 else 1.1, label=label(arm, language)
            )
            if place < 2:
                axis.fill_between(mine["month"], smooth["low"], smooth["high"], color=colour, alpha=0.12, lw=0)
        axis.set_title(label(outcome, language), loc="left", fontsize=11)
        if outcome.endswith("_idr"):
            axis.yaxis.set_major_formatter(lambda value, _: format_idr(value, language))
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3, frameon=False)
    return figure


def effects(
    table: pd.DataFrame, language: str = "en", outcomes: tuple[str, ...] = ("sales_idr", "value_added_idr", "jobs")
) -> Figure:
    """Return the change of each arm against the baseline, in per cent, with 95 % intervals."""
    arms = [arm for arm in dict.fromkeys(table["arm"]) if table.loc[table["arm"] == arm, "mean"].abs().sum() > 0]
    figure, axes = _figure(4.2 * len(outcomes) + 1, 1.4 + 0.45 * max(1, len(arms)), 1, len(outcomes))
    for axis, outcome in zip(axes, outcomes, strict=True):
        mine = table[table["outcome"] == outcome].set_index("arm")
        axis.axvline(0.0, color="0.6", lw=1)
        for place, arm in enumerate(reversed(arms)):
            row = mine.loc[arm]
            middle, low, high = (100.0 * float(row[name]) for name in ("relative", "relative_low", "relative_high"))
            axis.plot([low, high], [place, place], color=COLOURS[2], lw=3, solid_capstyle="butt")
            axis.plot(middle, place, "o", color=COLOURS[2], ms=6)
            axis.annotate(
                f"{middle:+.1f} %", (middle, place), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=8
            )
        axis.set_yticks(
            range(len(arms)), [label(arm, language) for arm in reversed(arms)] if axis is axes[0] else [""] * len(arms)
        )
        axis.set_ylim(-0.6, max(0.6, len(arms) - 0.3))
        axis.margins(x=0.12)
        axis.set_title(label(outcome, language), loc="left", fontsize=11)
        axis.set_xlabel(label("percent_change", language))
    return figure


def constraints(paths: pd.DataFrame, arms: list[str], language: str = "en") -> Figure:
    """Return, for some arms, the share of firms held back most by each limit, over time."""
    figure, axes = _figure(5.2 * len(arms) + 1.5, 4.6, 1, len(arms))
    names = [f"constraint_{name}" for name in (*CONSTRAINTS, "none")]
    for axis, arm in zip(axes, arms, strict=True):
        wide = paths[paths["arm"] == arm].pivot(index="month", columns="outcome", values="mean")
        shares = wide[names].div(wide[names].sum(axis=1), axis=0).rolling(SMOOTH, min_periods=1).mean()
        axis.stackplot(
            shares.index,
            shares.to_numpy().T,
            colors=[*COLOURS[1:6], "0.85"],
            labels=[label(name, language) for name in names],
        )
        axis.set_ylim(0, 1)
        axis.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        axis.set_title(label("constraints_title", language).format(arm=label(arm, language)), loc="left", fontsize=11)
    axes[0].set_ylabel(label("share_of_firms", language))
    handles, texts = axes[0].get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside right center", frameon=False)
    return figure


def gainers(table: pd.DataFrame, arm: str, language: str = "en") -> Figure:
    """Return the change in sales of the first firms, by group, for one arm."""
    mine = table[(table["arm"] == arm) & (table["outcome"] == "sales")].reset_index(drop=True)
    figure, axes = _figure(8.5, 1.4 + 0.36 * max(1, len(mine)))
    axis = axes[0]
    axis.axvline(0.0, color="0.6", lw=1)
    groups = list(dict.fromkeys(mine["group"]))
    for place, row in mine.iterrows():
        y = len(mine) - 1 - int(str(place))
        colour = COLOURS[1 + groups.index(row["group"])]
        axis.plot(
            [100 * row["relative_low"], 100 * row["relative_high"]], [y, y], color=colour, lw=3, solid_capstyle="butt"
        )
        axis.plot(100 * row["relative"], y, "o", color=colour, ms=6)
    names = [
        f"{label(str(group), language)}: {label(str(member), language)}"
        for group, member in zip(mine["group"], mine["member"], strict=True)
    ]
    axis.set_yticks(range(len(mine)), names[::-1])
    axis.set_xlabel(label("percent_change", language))
    axis.set_title(label("gainers_title", language).format(arm=label(arm, language)), loc="left", fontsize=11)
    return figure


def save_all(
    effects_table: pd.DataFrame, paths: pd.DataFrame, gainers_table: pd.DataFrame, out: Path, language: str
) -> list[Path]:
    """Write the four pictures of a comparison as PNG files; return their paths."""
    arms = list(dict.fromkeys(paths["arm"]))
    shown = arms[1] if len(arms) > 1 else arms[0]
    drawn = {
        "growth": growth(paths, language),
        "effects": effects(effects_table, language),
        "constraints": constraints(paths, list(dict.fromkeys([arms[0], shown])), language),
        "who_gains": gainers(gainers_table, shown, language),
    }
    written = []
    for name, figure in drawn.items():
        path = out / f"{name}.png"
        figure.savefig(path, dpi=130)
        written.append(path)
    return written
