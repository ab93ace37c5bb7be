"""The page of evidence: what was measured, beside what was aimed at."""

import importlib.metadata
import shlex
import sys

import score

PEERS = ["pymetis", "kahip", "mtkahypar", "gerrychain", "spopt"]
SHOWN = ["s", "CPU s", "grids", "empty", "stray", "max dev", "RMS dev", "±5 %", "±10 %", "±20 %", "km", "cut", "PP", "PP min"]
SHOWN += ["Reock", "hull", "RMS m", "mean radius m", "max radius m"]
FORMS = {"s": "{:.1f}", "CPU s": "{:.1f}", "MB": "{:.0f}"}
OURS = "olzii"

HEAD = """\
# Grids

Written by `cargo xtask bench grids --data FOLDER --write`: our planner and the peers that can be had as packages, on the
same blocks, one after the other on one machine, every plan scored by `xtask/src/bench/grids/score.py`, which shares no
code with the planner.

- {about}
- Versions: {versions}. Seeds: {seeds} each; a method whose seeds together take over {budget:.0f} s on an instance runs no
  further seed, and one run over {limit:.0f} s is ended. Both say so.
- `s` is what the clock says from start to end of the process, `CPU s` the seconds of processor of all its threads. The
  machine was quiet when it began. Both count reading and writing the files and, of peers, the start of Python (1 to 3 s with its libraries).
- A core is a town without the blocks that are above the band by themselves, since no peer knows special grids; of the
  rest the largest connected piece. All get the same number of grids; the target is the mean, the band ±10 %. METIS, KaHIP
  and Mt-KaHyPar get households as weights of blocks and metres as weights of borders, GerryChain households, spopt the
  centroids (MaxP households too). Settings stand in `peers.py`.
- `empty`: grids in which nobody lives, or that are missing; `stray`: parts of grids away from the rest; `max dev`,
  `RMS dev`: |households / target − 1|; `±10 %`: part of the grids in the band; `km`, `cut`: border between grids, and how
  many pairs of blocks it parts; `PP`: 4π · area / perimeter², mean and least; `Reock`, `hull`: area over that of the
  smallest circle and of the hull; `RMS m`: households from the centre of their grid; `radius`: farthest inhabited block.

"""


def head(options):
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PEERS)
    python = ".".join(map(str, sys.version_info[:3]))
    versions += f", shapely {importlib.metadata.version('shapely')}, Python {python}"
    about = {"seeds": options.seeds, "budget": options.budget, "limit": options.limit}
    return HEAD.format(about=options.about or shlex.join(sys.argv[1:]), versions=versions, **about)


def cell(name, value):
    return score.METRICS[name][0].format(value) if name in score.METRICS else FORMS[name].format(value)


def row(first, cells):
    return f"| {first} | {' | '.join(cells)} |\n"


def table(first, names):
    return row(first, names) + f"|---|{'---:|' * len(names)}\n"


def town(name, found, outcomes, medians):
    text = f"## {name}\n\n"
    if found is None:
        return text + "Not measured: there is no such file in the folders given.\n\n"
    text += f"{len(found.ids):,} blocks, {found.weight.sum():,} households, {len(found.edges):,} borders; {found.grids} grids"
    text += f" of {found.target:.1f} households, band {found.band[0]} to {found.band[1]}.\n\n"
    lost = lost_grids(found)
    if lost:
        text += f"Out of reach of any plan: {lost}.\n\n"
    ended = {it.method: medians(it.plans) for it in outcomes if it.plans}
    for which, title in ((0, "Median of the seeds"), (1, "Worst of the seeds, metric by metric")):
        text += table(title, ["seeds", *SHOWN])
        for outcome in outcomes:
            if outcome.plans:
                figures = ended[outcome.method][which]
                label = f"**{outcome.method}**" if outcome.method == OURS else outcome.method
                label = f"[{label}]({outcome.picture})" if outcome.picture and which == 0 else label
                text += row(label, [str(len(outcome.plans)), *(cell(it, figures[it]) for it in SHOWN)])
            elif which == 0:
                text += row(outcome.method, ["0", outcome.why, *[""] * (len(SHOWN) - 1)])
        text += "\n"
    return text + compared({method: figures[0] for method, figures in ended.items()})


def lost_grids(found):
    """Blocks whose only neighbours cannot bring them into the band: no plan has a grid in the band with them."""
    low, high = found.band
    near = found.neighbours()
    lost = []
    for block, weight in enumerate(found.weight.tolist()):
        others = [other for other, _ in near[block]]
        if weight < low and len(others) == 1 and weight + found.weight[others[0]] > high:
            lost.append(f"block {found.ids[block]} ({weight} households) has one neighbour, of {found.weight[others[0]]}")
    return "; ".join(lost)


def compared(figures):
    """On which metrics a peer's median is better than ours."""
    ours = figures.pop(OURS, None)
    if ours is None or not figures:
        return ""
    beaten = []
    for name, (_, more) in score.METRICS.items():
        if more is None:
            continue
        best = (max if more else min)(figures, key=lambda method: figures[method][name])
        value = figures[best][name]
        if (value > ours[name]) if more else (value < ours[name]):
            beaten.append(f"{name} ({best} {cell(name, value)}, ours {cell(name, ours[name])})")
    if not beaten:
        return "No peer's median is better than ours on any metric.\n\n"
    return f"A peer's median is better than ours on: {'; '.join(beaten)}. On all other metrics none is.\n\n"


def graphs(found, medians):
    text = "## Fewest cut edges\n\nPublished bests and proofs: Validi and Buchanan (MIP, up to an hour). Band ±0.5 %; "
    text += "“in band” counts the seeds whose plan keeps it; of the others no cut is told.\n\n"
    if not found:
        return text + "Not measured: there is no best.csv in the folders given.\n\n"
    methods = [outcome.method for outcome in found[0][1]]
    text += table("graph", ["published best", "proven bound", "grids", *methods])
    for row_, outcomes in found:
        cells = [row_["best"], row_["bound"], row_["districts"]]
        for outcome in outcomes:
            kept = [plan for plan in outcome.plans if plan["±10 %"] == 1 and not plan["stray"]]
            seeds = f"{len(kept)} of {len(outcome.plans)} in band, {max((it['s'] for it in outcome.plans), default=0):.0f} s"
            if kept:
                cuts = sorted(plan["cut"] for plan in kept)
                span = f"{cuts[0]}" if cuts[0] == cuts[-1] else f"{cuts[0]} to {cuts[-1]}"
                bold = f"**{span}**" if cuts[0] <= int(row_["best"]) else span
                cells.append(f"{bold} ({seeds})")
            else:
                cells.append(outcome.why or f"none ({seeds})")
        text += row(f"{row_['level']} {row_['state']}", cells)
    return text + "\n"


def cities(found):
    text = "## Made cities\n\nBlocks of a hundred metres, each corner moved by chance, a third without households, in "
    text += "communities of 400 blocks, divided with every setting as it is by default.\n\n"
    text += table("blocks", ["households", "s", "CPU s", "MB", ""])
    for city in found:
        cells = [f"{city['households']:,}", *(cell(it, city[it]) for it in ("s", "CPU s", "MB")), city["why"]]
        text += row(f"{city['blocks']:,}", cells)
    return text + "\n"
