"""What a plan is like, of whatever program it is: counted from the blocks and the plan alone."""

import math

import numpy
import shapely

# A metric: its name, how it is written, and whether more of it is better (None: it is not compared).
METRICS = {
    "grids": ("{:.0f}", None),
    "empty": ("{:.0f}", False),
    "stray": ("{:.0f}", False),
    "max dev": ("{:.3f}", False),
    "RMS dev": ("{:.3f}", False),
    "±5 %": ("{:.3f}", True),
    "±10 %": ("{:.3f}", True),
    "±20 %": ("{:.3f}", True),
    "km": ("{:.1f}", False),
    "cut": ("{:,.0f}", False),
    "PP": ("{:.3f}", True),
    "PP min": ("{:.3f}", True),
    "Reock": ("{:.3f}", True),
    "hull": ("{:.3f}", True),
    "RMS m": ("{:.0f}", False),
    "mean radius m": ("{:.0f}", False),
    "max radius m": ("{:,.0f}", False),
}


def parts(instance, grids):
    """The connected parts of each grid."""
    near = instance.neighbours()
    seen = numpy.zeros(len(grids), dtype=bool)
    found = {}
    for first in range(len(grids)):
        if seen[first]:
            continue
        seen[first], part = True, [first]
        for block in part:
            for other, _ in near[block]:
                if not seen[other] and grids[other] == grids[first]:
                    seen[other] = True
                    part.append(other)
        found.setdefault(int(grids[first]), []).append(part)
    return found


def score(instance, grids):
    """The metrics of a plan. Grids that are fewer than wanted count as empty."""
    assert len(grids) == len(instance.ids) and (grids >= 0).all(), "every block lies in one grid"
    count = int(grids.max()) + 1
    loads = numpy.bincount(grids, weights=instance.weight, minlength=count)
    loads = numpy.concatenate([loads, numpy.zeros(max(0, instance.grids - count))])
    off = numpy.abs(loads / instance.target - 1)
    low, high = instance.band
    cut = grids[instance.edges[:, 0]] != grids[instance.edges[:, 1]]
    found = parts(instance, grids)
    within = lambda part: float((off <= part + 1e-9).mean())
    figures = {
        "grids": count,
        "empty": int((loads == 0).sum()),
        "stray": sum(len(of_grid) - 1 for of_grid in found.values()),
        "max dev": float(off.max()),
        "RMS dev": float(numpy.sqrt((off**2).mean())),
        "±5 %": within(0.05),
        "±10 %": float(((loads >= low) & (loads <= high)).mean()),
        "±20 %": within(0.2),
        "cut": int(cut.sum()),
    }
    if instance.shapes is not None:
        figures |= shapes(instance, grids, count, cut)
    return figures


def shapes(instance, grids, count, cut):
    area = numpy.bincount(grids, weights=shapely.area(instance.shapes), minlength=count)
    perimeter = numpy.bincount(grids, weights=instance.outer, minlength=count)
    for end in (0, 1):
        perimeter += numpy.bincount(grids[instance.edges[cut, end]], weights=instance.length[cut], minlength=count)
    round_ = 4 * math.pi * area / perimeter**2
    outlines = [shapely.multipoints(shapely.get_coordinates(instance.shapes[grids == grid])) for grid in range(count)]
    circles = shapely.minimum_bounding_radius(outlines)
    hulls = shapely.area(shapely.convex_hull(outlines))
    squares, radius = 0.0, []
    for grid in range(count):
        own = (grids == grid) & (instance.weight > 0)
        if not own.any():
            continue
        weight, place = instance.weight[own], instance.place[own]
        far = numpy.hypot(*(place - numpy.average(place, axis=0, weights=weight)).T)
        squares += float((weight * far**2).sum())
        radius.append(float(far.max()))
    return {
        "km": float(instance.length[cut].sum()) / 1000,
        "PP": float(round_.mean()),
        "PP min": float(round_.min()),
        "Reock": float((area / (math.pi * circles**2)).mean()),
        "hull": float((area / hulls).mean()),
        "RMS m": math.sqrt(squares / instance.weight.sum()),
        "mean radius m": float(numpy.mean(radius)),
        "max radius m": max(radius),
    }


def picture(instance, grids, path):
    """The plan as an SVG, north up: blue holds fewer than the target, red more, strays are outlined."""
    count = int(grids.max()) + 1
    outlines = numpy.array([shapely.coverage_union_all(instance.shapes[grids == grid]) for grid in range(count)])
    west, south, east, north = shapely.total_bounds(outlines)
    scale = 700 / max(east - west, north - south)
    outlines = shapely.coverage_simplify(outlines, 1.5 / scale)
    loads = numpy.bincount(grids, weights=instance.weight, minlength=count)
    paths = []
    for outline, load in zip(outlines, loads):
        rings = []
        for polygon in shapely.get_parts(outline):
            for ring in [polygon.exterior, *polygon.interiors]:
                corners = numpy.round((numpy.array(ring.coords)[:-1] - [west, north]) * [scale, -scale]).astype(int)
                steps = numpy.diff(corners, axis=0)
                steps = steps[numpy.any(steps != 0, axis=1)]
                if len(steps) > 1:
                    path_ = "".join(f"l{x} {y}".replace(" -", "-") for x, y in steps.tolist())
                    rings.append(f"M{corners[0][0]} {corners[0][1]}{path_}z")
        off = load / instance.target - 1
        fade = int(245 - 130 * min(abs(off) / 0.2, 1))
        colour = f"#{fade:02x}{fade:02x}f5" if off < 0 else f"#f5{fade:02x}{fade:02x}"
        paths.append(f'<path fill="{colour}" d="{"".join(rings)}"/>')
    size = f"{(east - west) * scale:.0f} {(north - south) * scale:.0f}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" stroke="#333" fill-rule="evenodd">'
    path.write_text(head + "".join(paths) + "</svg>\n")
