"""Instances of `cargo xtask bench grids`, read without any of our code: blocks, their borders and what they hold.

Two blocks touch where they have a segment in common: the files repeat the same corners, in degrees with at most seven
decimals. Lengths and areas are of a plane about the middle of the instance, in metres.
"""

import csv
import gzip
import json
import math
import pathlib

import numpy
import shapely

EARTH_METRES = 6_371_008.8
# Blocks above the band and what they cut off are left out of a core: no peer knows special grids.
HOUSEHOLDS, TOLERANCE = 300, 0.1


class Instance:
    """`weight[i]`, `edges[e] = (i, j)` with `length[e]`, and of blocks also shapes."""

    def __init__(self, name, ids, weight, edges, length, grids, tolerance):
        self.name, self.ids, self.grids, self.tolerance = name, ids, grids, tolerance
        self.weight = numpy.array(weight, dtype=numpy.int64)
        self.edges = numpy.array(edges, dtype=numpy.int64).reshape(-1, 2)
        self.length = numpy.array(length, dtype=float)
        self.shapes = self.place = self.outer = self.community = None

    @property
    def target(self):
        return self.weight.sum() / self.grids

    @property
    def band(self):
        hair = 1e-9 * self.target
        low = math.ceil(self.target * (1 - self.tolerance) - hair)
        return low, math.floor(self.target * (1 + self.tolerance) + hair)

    def neighbours(self):
        near = [[] for _ in self.ids]
        for edge, (one, other) in enumerate(self.edges.tolist()):
            near[one].append((other, edge))
            near[other].append((one, edge))
        return near


def text(path):
    path = pathlib.Path(path)
    return gzip.open(path, "rt").read() if path.suffix == ".gz" else path.read_text()


def features(path):
    return json.loads(text(path))["features"]


def blocks(path, grids=None):
    """An instance of a file of blocks; without a number of grids the one whose mean is nearest to 300."""
    found = features(path)
    ids = [feature["properties"]["block_id"] for feature in found]
    weight = [feature["properties"]["households"] for feature in found]
    if grids is None:
        grids = round(sum(weight) / HOUSEHOLDS)
    rings = [of_geometry(feature["geometry"]) for feature in found]
    corners = numpy.concatenate([numpy.array(ring) for polygons in rings for polygon in polygons for ring in polygon])
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
    metres = EARTH_METRES * math.pi / 180 * numpy.array([math.cos(math.radians(middle[1])), 1.0])
    owners = {}
    for block, polygons in enumerate(rings):
        for ring in (ring for polygon in polygons for ring in polygon):
            whole = [(round(x * 1e7), round(y * 1e7)) for x, y in ring]
            for one, other in zip(whole, whole[1:]):
                if one != other:
                    owners.setdefault((min(one, other), max(one, other)), []).append(block)
    borders, outer = {}, numpy.zeros(len(ids))
    for (one, other), of in owners.items():
        length = math.hypot(*((numpy.array(one) - other) / 1e7 * metres))
        if len(of) == 1:
            outer[of[0]] += length
        elif of[0] != of[1]:
            pair = (min(of), max(of))
            borders[pair] = borders.get(pair, 0.0) + length
    name = pathlib.Path(path).name.split(".")[0]
    instance = Instance(name, ids, weight, list(borders), list(borders.values()), grids, TOLERANCE)
    plane = lambda ring: (numpy.array(ring) - middle) * metres
    part = lambda rings: shapely.Polygon(plane(rings[0]), [plane(hole) for hole in rings[1:]])
    shape = lambda polygons: shapely.MultiPolygon([part(rings) for rings in polygons])
    instance.shapes = numpy.array([shape(polygons) for polygons in rings])
    centroid = shapely.centroid(instance.shapes)
    instance.place = numpy.column_stack([shapely.get_x(centroid), shapely.get_y(centroid)])
    instance.outer = outer
    instance.community = [feature["properties"].get("community") for feature in found]
    return instance


def of_geometry(geometry):
    """Polygons of rings of positions."""
    polygons = geometry["coordinates"]
    return [polygons] if geometry["type"] == "Polygon" else polygons


def core(path, to):
    """Writes a town without its blocks above the band, and of the rest the largest connected piece."""
    whole = blocks(path)
    kept = whole.weight <= HOUSEHOLDS * (1 + TOLERANCE)
    near, seen, best = whole.neighbours(), ~kept, []
    for first in numpy.flatnonzero(kept).tolist():
        if seen[first]:
            continue
        piece, seen[first] = [first], True
        for block in piece:
            for other, _ in near[block]:
                if not seen[other]:
                    seen[other] = True
                    piece.append(other)
        best = max(best, piece, key=len)
    best = set(best)
    found = [feature for index, feature in enumerate(features(path)) if index in best]
    to.write_text(json.dumps({"type": "FeatureCollection", "features": found}))
    return to


def graph(nodes, edges, grids, tolerance):
    """A bare graph of two CSV files."""
    rows = list(csv.DictReader(text(nodes).splitlines()))
    index = {row["id"]: place for place, row in enumerate(rows)}
    pairs = [(index[row["a"]], index[row["b"]]) for row in csv.DictReader(text(edges).splitlines())]
    name = pathlib.Path(nodes).name.split(".")[0]
    weight = [int(row["population"]) for row in rows]
    return Instance(name, list(index), weight, pairs, [1.0] * len(pairs), grids, tolerance)


def plan(path, instance):
    """The grid of each block, counted from 0; -1 is none."""
    rows = {row["block_id"]: row["grid_id"] for row in csv.DictReader(text(path).splitlines())}
    unknown = set(rows) - set(instance.ids)
    assert not unknown, f"blocks that are not there: {sorted(unknown)[:3]}"
    numbers = {}
    found = [numbers.setdefault(rows[block], len(numbers)) if block in rows else -1 for block in instance.ids]
    return numpy.array(found)


def write_plan(path, instance, grids):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["block_id", "grid_id"])
        writer.writerows(zip(instance.ids, grids))
