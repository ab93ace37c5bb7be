"""One peer on one instance: `INSTANCE GRIDS METHOD SEED OUT`. Each gets what is its normal input: households as the
weight of a block, metres as the weight of a border."""

import json
import random
import sys

import numpy

import instance as instances


def csr(instance):
    """Neighbours and metres in the form that METIS brought in."""
    starts, ends, metres = [0], [], []
    for near in instance.neighbours():
        ends += [other for other, _ in near]
        metres += [max(1, round(instance.length[edge])) for _, edge in near]
        starts.append(len(ends))
    return starts, ends, metres


def metis(instance, seed, recursive, **options):
    import pymetis

    starts, ends, metres = csr(instance)
    options = pymetis.Options(seed=seed, **options)
    weight = instance.weight.tolist()
    csr_ = {"xadj": starts, "adjncy": ends, "vweights": weight, "eweights": metres}
    return pymetis.part_graph(instance.grids, **csr_, recursive=recursive, options=options)[1]


def kahip(instance, seed, mode):
    import kahip

    starts, ends, metres = csr(instance)
    weight = instance.weight.tolist()
    return kahip.kaffpa(weight, starts, metres, ends, instance.grids, instance.tolerance, True, seed, mode)[1]


def mtkahypar(instance, seed):
    import mtkahypar

    peer = mtkahypar.initialize(2)
    mtkahypar.set_seed(seed)
    context = peer.context_from_preset(mtkahypar.PresetType.QUALITY)
    context.set_partitioning_parameters(instance.grids, instance.tolerance, mtkahypar.Objective.CUT)
    metres = [max(1, round(length)) for length in instance.length]
    edges, weight = [tuple(edge) for edge in instance.edges.tolist()], instance.weight.tolist()
    graph = peer.create_graph(context, len(weight), len(edges), edges, weight, metres)
    found = graph.partition(context)
    return [found.block_id(block) for block in range(len(weight))]


def gerrychain(instance, seed, epsilon):
    from functools import partial

    import networkx
    from gerrychain import Graph
    from gerrychain.tree import bipartition_tree, recursive_tree_part

    random.seed(seed)
    numpy.random.seed(seed)
    graph = networkx.Graph()
    for block, weight in enumerate(instance.weight.tolist()):
        graph.add_node(block, weight=weight)
    graph.add_edges_from(instance.edges.tolist())
    method = partial(bipartition_tree, max_attempts=5000)
    graph = Graph.from_networkx(graph)
    found = recursive_tree_part(graph, range(instance.grids), instance.target, "weight", epsilon, method=method)
    return [found[block] for block in range(len(instance.weight))]


def spopt(instance, seed, method):
    import geopandas
    import libpysal
    import spopt.region

    random.seed(seed)
    numpy.random.seed(seed)
    near = {block: [other for other, _ in of] for block, of in enumerate(instance.neighbours())}
    weights = libpysal.weights.W(near, silence_warnings=True)
    place, weight = instance.place, instance.weight
    table = {"x": place[:, 0], "y": place[:, 1], "households": weight}
    frame = geopandas.GeoDataFrame(table, geometry=list(instance.shapes))
    if method == "RegionKMeans":
        model = spopt.region.RegionKMeansHeuristic(place, instance.grids, weights)
    elif method == "AZP":
        model = spopt.region.AZP(frame, weights, ["x", "y"], n_clusters=instance.grids, random_state=seed)
    elif method == "MaxP":
        floor = (1 - instance.tolerance) * instance.target
        model = spopt.region.MaxPHeuristic(frame, weights, ["x", "y"], "households", floor, top_n=2)
    else:
        model = spopt.region.Skater(frame, weights, ["x", "y"], n_clusters=instance.grids)
    model.solve()
    return numpy.asarray(model.labels_).astype(int).tolist()


METHODS = {
    "METIS k-way": lambda it, seed: metis(it, seed, False),
    "METIS recursive": lambda it, seed: metis(it, seed, True),
    "METIS k-way contiguous": lambda it, seed: metis(it, seed, False, contig=1, ufactor=round(1000 * it.tolerance), ncuts=10, niter=50),
    "KaHIP strong": lambda it, seed: kahip(it, seed, 2),
    "Mt-KaHyPar quality": mtkahypar,
    "GerryChain ±10 %": lambda it, seed: gerrychain(it, seed, 0.1),
    "GerryChain ±30 %": lambda it, seed: gerrychain(it, seed, 0.3),
    "GerryChain ±0.5 %": lambda it, seed: gerrychain(it, seed, 0.005),
    "spopt RegionKMeans": lambda it, seed: spopt(it, seed, "RegionKMeans"),
    "spopt AZP": lambda it, seed: spopt(it, seed, "AZP"),
    "spopt MaxP": lambda it, seed: spopt(it, seed, "MaxP"),
    "spopt SKATER": lambda it, seed: spopt(it, seed, "SKATER"),
}

if __name__ == "__main__":
    files, grids, method, seed, out = sys.argv[1:]
    files = json.loads(files)
    read = instances.blocks if len(files) == 1 else lambda nodes, edges, k: instances.graph(nodes, edges, k, 0.005)
    found = read(*files, int(grids))
    labels = METHODS[method](found, int(seed))
    instances.write_plan(out, found, labels)
