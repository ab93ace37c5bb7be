"""Cities that are made, to see how time and memory grow."""

import random

# About a hundred metres each way at the latitude of Ulanqab.
STEP, WEST, SOUTH = 0.001, 113.0, 41.0
COMMUNITY_BLOCKS = 20
HOUSEHOLDS_MAX = 60


def city(path, side):
    """Writes side² blocks of unlike shape, a third of them empty, in communities of 400. Blocks and households."""
    chance = random.Random(side)
    shift = lambda: (chance.random() - 0.5) * 0.6 * STEP
    whole = lambda degrees: round(degrees, 7)
    corner = [
        [[whole(WEST + x * STEP + shift()), whole(SOUTH + y * STEP + shift())] for x in range(side + 1)]
        for y in range(side + 1)
    ]
    total = 0
    with open(path, "w") as file:
        file.write('{"type":"FeatureCollection","features":[')
        for index in range(side * side):
            y, x = divmod(index, side)
            households = 0 if chance.random() < 1 / 3 else chance.randint(1, HOUSEHOLDS_MAX)
            total += households
            ring = [corner[y][x], corner[y][x + 1], corner[y + 1][x + 1], corner[y + 1][x], corner[y][x]]
            community = f"{x // COMMUNITY_BLOCKS}-{y // COMMUNITY_BLOCKS}"
            file.write(
                f'{"," if index else ""}\n{{"type":"Feature","properties":{{"block_id":"{index}","households":{households},'
                f'"community":"{community}"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}'
            )
        file.write("\n]}\n")
    return side * side, total
