# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A sweep, its store, and figures
#
# A comparison has a few scenarios. A *sweep* has many: for example every combination of three roles and three budgets.
# These are the rules of a sweep:
#
# 1. A **design** says what we change. Each combination is a *point*.
# 2. Each point runs in the same worlds. World 1 is the same for all points, so points can be compared in pairs.
# 3. Each run is written into a folder, the **store**, as it ends. You may stop at any time; the same command goes on
#    where it was. A run that is in the store is not run again.
# 4. The store is read as tables, by Python, R, DuckDB, or Excel.

# %%
import os
from pathlib import Path

from matplotlib.figure import Figure

import ovopsim as ov

# show figures below their cells
# %matplotlib inline

quick = os.environ.get("OVOPSIM_QUICK") == "1"  # for tests: a small world, over in seconds
firms = {"synthetic": "surakarta", "firms": 40 if quick else 200}
months = 24 if quick else 60
worlds = 4 if quick else 32
folder = Path("results") / "notebook_sweep"

# %% [markdown]
# ## The design
#
# Role 3 is productivity (training, equipment, certificates, licences), role 5 the market network (exhibitions,
# business matching), role 7 human resources of owners. Roles that are in a mix share the budget equally. `*` means:
# every mix with every budget.

# %%
design = ov.Design.roles([3, 5, 7]) * ov.Design.grid({"programme.budget": [250_000_000, 500_000_000, 1_000_000_000]})
design.points.head()

# %% [markdown]
# The table has a row for each point: 1 means that the role is in the mix, 0 that it is not.
#
# ## The sweep
#
# `base` is what all points have in common.

# %%
base = ov.Scenario(months=months, population=firms)
store = ov.sweep(design, folder, base, replications=worlds, progress=False)
print(len(design), "points,", len(store.runs), "rows in the table of runs")

# %% [markdown]
# Run the cell above again: it ends at once, because all runs are there.
#
# ## The store as tables
#
# `by_run` has a row for each run: what was set, and means of the last twelve months.

# %%
columns = [*store.settings, "replication", "sales_idr", "jobs"]
store.by_run(["sales_idr", "jobs"])[columns].head().round(0)

# %% [markdown]
# `effects` compares each point with a partner in the same world. Here the partner has no role at all, so it is the
# world without programme. `relative` is the mean change as a share (0.05 = 5 %), `relative_low` and `relative_high`
# are the ends of its 95 % interval.

# %%
roles = ["roles.3", "roles.5", "roles.7"]
effects = store.effects(dict.fromkeys(roles, 0), ["sales_idr", "jobs"])
shown = ["programme.budget", *roles, "outcome", "relative", "relative_low", "relative_high"]
effects[effects[roles].sum(axis=1) > 0][shown].round(3).head(12)

# %% [markdown]
# ## Does more money still help?
#
# Here each role is alone in the mix. How does the change in sales grow with the budget? The bars are 95 % intervals.

# %%
sales = effects[effects["outcome"] == "sales_idr"]
figure = Figure(figsize=(7, 4), layout="constrained")
axis = figure.subplots()
for only, marker, text in (("roles.3", "o", "Productivity"), ("roles.5", "s", "Markets"), ("roles.7", "^", "Owners")):
    alone = sales[(sales[only] == 1) & (sales[roles].sum(axis=1) == 1)].sort_values("programme.budget")
    middle, low, high = (100 * alone[name] for name in ("relative", "relative_low", "relative_high"))
    million = alone["programme.budget"] / 1e6
    axis.errorbar(million, middle, [middle - low, high - middle], marker=marker, capsize=3, label=text)
axis.axhline(0, color="grey", lw=1)
axis.set_xlabel("Budget, million rupiah of 2016 a year")
axis.set_ylabel("Change in sales, %")
axis.set_title("One role alone: what a larger budget adds to sales", loc="left")
axis.legend(frameon=False)
figure

# %% [markdown]
# ## What does each role add?
#
# `factorial` answers this for all mixes together, at one budget. A row with an empty `second` is what one role adds on
# average, as a share of sales (0.01 = 1 %). A row with two roles is by how much more the first adds when the second is
# in the mix. Below zero means that they are in each other's way: the roles of a mix share one budget.

# %%
one_budget = ov.Design.roles([3, 5, 7])
half = ov.sweep(one_budget, folder.with_name("notebook_roles"), base, replications=worlds, progress=False)
added = half.factorial(roles, ["sales_idr"])
added[["first", "second", "relative", "relative_low", "relative_high", "clear"]].round(4)

# %% [markdown]
# ## For colleagues who use Excel
#
# The workbook has four sheets: points with intervals, their differences from one point, runs, and what the columns are.

# %%
store.to_excel(folder.with_suffix(".xlsx"))

# %% [markdown]
# ## To remember
#
# - The same store can be made larger: add a budget to the design and run the cell again. Only the new points run.
# - After looking at many mixes, the best one looks a little better than it is. Compare the first few with each other,
#   in the same worlds, before you choose.
# - The folder `experiments/` has larger sweeps: all seven roles, budgets, targeting, and shocks.
