"""Runs olzii and the peers on the same instances, scores every plan by score.py and writes the page of evidence."""

import argparse
import csv
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time

import instance as instances
import page
import peers
import score
import towns

HERE = pathlib.Path(__file__).parent
OURS = "olzii"
# The plans whose pictures are kept beside the page; those of all others stay in the working folder.
PICTURES = {
    "providence-core": [OURS, "METIS k-way contiguous", "Mt-KaHyPar quality", "spopt RegionKMeans"],
    "lowell-core": [OURS],
    "islip-core": [OURS],
}
OF_BLOCKS = [name for name in peers.METHODS if "0.5" not in name]
OF_GRAPHS = ["METIS recursive", "METIS k-way contiguous", "KaHIP strong", "Mt-KaHyPar quality", "GerryChain ±0.5 %"]


@dataclasses.dataclass
class Outcome:
    """What one method came to on one instance. `why` says what ended it before all seeds were run."""

    method: str
    plans: list = dataclasses.field(default_factory=list)
    why: str = ""
    picture: str = ""


def ended(command, limit, environment=None):
    """Runs to the end or to the limit: seconds, seconds of processor, megabytes, and what went wrong."""
    started = time.monotonic()
    log = open(HERE / "last.log", "w+")
    child = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
    late = []

    def end():
        late.append(True)
        os.killpg(child.pid, signal.SIGKILL)

    timer = threading.Timer(limit, end)
    timer.start()
    _, status, usage = os.wait4(child.pid, 0)
    timer.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    figures = {
        "s": time.monotonic() - started,
        "CPU s": usage.ru_utime + usage.ru_stime,
        "MB": usage.ru_maxrss / 1000,
    }
    if late:
        return figures, f"no result in {limit:.0f} s"
    if child.returncode:
        log.seek(0)
        lines = [line.strip() for line in log.read().splitlines() if line.strip()]
        return figures, f"failed ({child.returncode}): {lines[-1][:150] if lines else 'without a word'}"
    return figures, ""


class Bench:
    def __init__(self, options):
        self.options, self.work = options, pathlib.Path(options.work)
        self.work.mkdir(parents=True, exist_ok=True)

    def olzii(self, files, found, seed, out, more=()):
        command = [self.options.olzii, "plan-grids", "--grids", str(found.grids), "--seed", str(seed)]
        command += ["--threads", "2", "--out", out, *more]
        if len(files) == 1:
            return command + ["--blocks", files[0]]
        return command + ["--nodes", files[0], "--edges", files[1], "--tolerance", "0.005", "--objective", "cut-edges"]

    def outcome(self, method, files, found):
        """Every seed, as long as the time for this method and instance lasts."""
        outcome, spent = Outcome(method), 0.0
        for seed in range(1, self.options.seeds + 1):
            out = str(self.work / f"{found.name}-{method.replace(' ', '-')}-{seed}.csv")
            command = self.olzii(files, found, seed, out)
            if method != OURS:
                arguments = [json.dumps(files), str(found.grids), method, str(seed), out]
                command = [sys.executable, str(HERE / "peers.py"), *arguments]
            figures, wrong = ended(command, self.options.limit)
            spent += figures["s"]
            if wrong:
                outcome.why = wrong
                print(f"{found.name}: {method}, seed {seed}: {wrong}", flush=True)
                break
            grids = instances.plan(out, found)
            figures |= score.score(found, grids)
            outcome.plans.append(figures)
            told = ", ".join(f"{name} {figures[name]:.3f}" for name in ("s", "max dev", "km", "cut") if name in figures)
            print(f"{found.name}: {method}, seed {seed}: {told}", flush=True)
            if seed == 1 and found.shapes is not None:
                outcome.picture = self.picture(found, method, grids)
            if spent > self.options.budget:
                break
        return outcome

    def picture(self, found, method, grids):
        name = f"{found.name}-{method.replace(' ', '-').lower()}.svg"
        score.picture(found, grids, self.work / name)
        if method not in PICTURES.get(found.name, []) or not self.options.page:
            return ""
        folder = pathlib.Path(self.options.page).with_suffix("")
        folder.mkdir(exist_ok=True)
        shutil.copy(self.work / name, folder / name)
        return f"{folder.name}/{name}"

    def town(self, name):
        """A file of blocks in which no block is above the band, and its number of grids; None where there is none."""
        path = next((it for it in self.data() if it.name.startswith(f"{name}.geojson")), None)
        if path is None:
            return None
        if name.endswith("-core"):
            return path, json.loads(instances.text(path)).get("metadata", {}).get("k")
        return instances.core(path, self.work / f"{name}-core.geojson"), None

    def data(self):
        return sorted(file for folder in self.options.data for file in pathlib.Path(folder).rglob("*.*"))

    def towns(self, names):
        for name in names:
            town = self.town(name)
            if town is None:
                yield name, None, []
                continue
            path, grids = town
            found = instances.blocks(path, grids)
            methods = [method for method in [OURS, *OF_BLOCKS] if self.is_wanted(method)]
            yield found.name, found, [self.outcome(method, [str(path)], found) for method in methods]

    def graphs(self, is_wanted):
        best = next((it for it in self.data() if it.name == "best.csv"), None)
        if best is None:
            return
        for row in csv.DictReader(best.open()):
            name = f"{row['level']}-{row['state']}"
            files = [str(best.parent / f"{name}.{of}.csv") for of in ("nodes", "edges")]
            if is_wanted(row):
                found = instances.graph(*files, int(row["districts"]), 0.005)
                assert found.band == (int(row["low"]), int(row["high"])), "the band is the published one"
                methods = [method for method in [OURS, *OF_GRAPHS] if self.is_wanted(method)]
                yield row, found, [self.outcome(method, files, found) for method in methods]

    def is_wanted(self, method):
        return not self.options.only or any(part in method for part in self.options.only)

    def city(self, side):
        """Time and memory of a made city of side² blocks, divided community by community."""
        path, out = self.work / f"city-{side}.geojson", str(self.work / f"city-{side}.csv")
        blocks, households = towns.city(path, side)
        command = [self.options.olzii, "plan-grids", "--blocks", str(path), "--threads", "2", "--out", out]
        figures, wrong = ended(command, self.options.city_limit)
        path.unlink()
        return {"blocks": blocks, "households": households, "why": wrong, **figures}


def medians(plans):
    """The median of each metric, and the worst."""
    names = plans[0].keys()
    worse = lambda name, values: min(values) if score.METRICS.get(name, ("", False))[1] else max(values)
    values = {name: [plan[name] for plan in plans] for name in names}
    return {it: statistics.median(values[it]) for it in names}, {it: worse(it, values[it]) for it in names}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--olzii", required=True)
    parser.add_argument("--data", action="append", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=300)
    parser.add_argument("--budget", type=float, default=300)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--city", type=int, action="append", default=[])
    parser.add_argument("--city-limit", type=float, default=1800)
    parser.add_argument("--page")
    parser.add_argument("--about", default="")
    options = parser.parse_args()
    bench = Bench(options)
    names = ["lowell"] if options.short else ["providence-core", "lowell", "islip"]
    text = page.head(options)
    for name, found, outcomes in bench.towns(names):
        text += page.town(name, found, outcomes, medians)
    is_small = lambda row: row["level"] == "county" or not options.short
    text += page.graphs([(row, outcomes) for row, _, outcomes in bench.graphs(is_small)], medians)
    sides = options.city or ([] if options.short else [100, 316])
    text += page.cities([bench.city(side) for side in sides])
    print(text)
    if options.page:
        pathlib.Path(options.page).write_text(text)


main()
