# What jobs of single methods read: supernets, searches, text, graph searches, GENNAPE, SNAP-R.


def supernet_space(images):
    """Return the search space whose supernet is trained on an image set."""
    for space, supernet in CONFIG.supernets.items():
        if images in supernet.images:
            return space
    raise sections.ConfigError(f"no entry of supernets has the image set {images}; add it there")


def supernet_images(wildcards):
    """Return the image set that a supernet is trained on."""
    return image_file(wildcards.images, CONFIG.supernets[supernet_space(wildcards.images)])


def supernet_settings(wildcards):
    """Return how a supernet is trained, and how many architectures inherit its weights."""
    space = supernet_space(wildcards.images)
    return CONFIG.supernets[space].model_dump(include={"scale", "image_size", "recipe"}) | {
        "space": space,
        "networks": CONFIG.inheriting_networks(space),
    }


def supernet_files(images):
    """Return what architectures score with inherited weights on an image set, seed by seed."""
    seeds = CONFIG.supernets[supernet_space(images)].seeds
    return [f"{RESULTS}/supernet/{images}-seed={seed}.parquet" for seed in range(seeds)]


def searched_tasks(search):
    """Return the tasks of a search, without those whose data is missing."""
    return [task for task in CONFIG.searches[search].tasks if not CONFIG.tasks[task].missing]


def search_method(wildcards):
    """Return algorithm and predictor of a job, which is "" without one."""
    return CONFIG.searches[wildcards.search].methods[wildcards.method]


def search_runs(search):
    """Return what all jobs of a search write, methods in the order of its table."""
    return [
        f"{RESULTS}/search/{search}/{task}/{method}-part={part}.parquet"
        for task in searched_tasks(search)
        for method in CONFIG.searches[search].methods
        for part in CONFIG.searches[search].parts
    ]


def space_codes():
    """Return the code of every search space, for what concerns the operations of all of them."""
    return [space_code(name) for name in spaces.names()]


def tuned_weights(seeds):
    """Return the weights of fine-tuned text encoders, seed by seed."""
    name = text_sections.TUNED
    return [f"{RESULTS}/text/models/{name}-seed={seed}.safetensors" for seed in range(seeds)]


def vector_files(encoder):
    """Return the vectors of all operations by a text encoder, a file a length of sentence."""
    return [f"{RESULTS}/text/{encoder}-{length}.parquet" for length in CONFIG.text.lengths]


def graph_search_tasks(search):
    """Return the tasks of a search on graphs, without those whose data is missing."""
    return [task for task in CONFIG.graph_searches[search].tasks if not CONFIG.tasks[task].missing]


def trained_tasks(search):
    """Return the tasks of a search on graphs whose networks our own recipe trains."""
    wanted = CONFIG.graph_searches[search].trainings
    live = [(name, CONFIG.tasks[name]) for name in graph_search_tasks(search)]
    return [name for name, task in live if wanted and task.labels == "minibench"]


def graph_search_size(name):
    """Return the size of the networks of a task that its labels are of."""
    task = CONFIG.tasks[name]
    if task.labels == "minibench":
        benchmark = CONFIG.minibench[task.space]
        return benchmark.model_dump(include={"scale", "image_size"})
    space = spaces.create(task.space)
    return {"scale": asdict(space.published), "image_size": space.published_image_size}


def graph_search_images(name):
    """Return the image set of a task at the size of the networks that its labels are of."""
    side = graph_search_size(name)["image_size"]
    return f"{RESULTS}/images/{CONFIG.tasks[name].images}-{side}.safetensors"


def graph_search_inputs(wildcards):
    """Return labels, images, and the file that the scorer reads, if any."""
    files = {
        "labels": f"{RESULTS}/labels/{CONFIG.tasks[wildcards.task].space}.parquet",
        "images": graph_search_images(wildcards.task),
    }
    model = CONFIG.graph_searches[wildcards.search].model
    return files if model is None else files | {"model": model}


def graph_training_settings(name):
    """Return how the mini benchmark trains the networks of a task."""
    task = CONFIG.tasks[name]
    benchmark = CONFIG.minibench[task.space]
    return {"recipe": benchmark.training(task.label_folder)[1].model_dump()}


def graph_search_files(search):
    """Return what is made of a search on graphs: what it finds, and what trainings say of that."""
    folder = f"{RESULTS}/graph_search/{search}"
    found = [f"{folder}/{task}.parquet" for task in graph_search_tasks(search)]
    return found + [f"{folder}/{task}-trained.parquet" for task in trained_tasks(search)]


def graph_set_file(name):
    """Return the graphs of one of GENNAPE's sets, or of a space as its networks are labelled."""
    folder = "gennape/graphs" if name in CONFIG.gennape.graphs else "graphs"
    return f"{RESULTS}/{folder}/{name}.parquet"


def graph_set_card(name):
    """Return which networks the graphs of a set are of."""
    if name in CONFIG.gennape.graphs:
        return CONFIG.gennape.graphs[name].model_dump()
    return network_settings(name)


def graph_set_cells(wildcards):
    """Return the file of all cells, where a set is drawn from one."""
    graphs = CONFIG.gennape.graphs[wildcards.graph_set]
    needs_cells = graphs.space == "nasbench101" and graphs.uniform
    return [f"{RESULTS}/graphs/{graphs.space}-cells.parquet"] if needs_cells else []


# Whose graphs every encoder of GENNAPE embeds: its own sets, and the labelled families.
EMBEDDED = list(dict.fromkeys([*CONFIG.gennape.graphs, *CONFIG.minibench]))


def snap_r_settings():
    """Return the settings of SNAP-R.

    Raises:
        ConfigError: the tier has none.
    """
    if "nasbench101" not in CONFIG.snap_r:
        raise sections.ConfigError(
            f"the tier {CONFIG.tier} has no section snap_r; use --configfile config/tabular.yaml"
        )
    return CONFIG.snap_r["nasbench101"]


def snap_r_published():
    """Return by space the tasks of SNAP-R with published labels, each with its label's images."""
    found = {}
    for name in snap_r_settings().tasks:
        task = CONFIG.tasks[name]
        found.setdefault(task.space, {})[name] = task.label_name
    return found


def snap_r_minibench():
    """Return by space the parts of the mini benchmark that SNAP-R ranks, and their shards."""
    return {
        space: {part: shipped_shards(space, part) for part in parts}
        for space, parts in snap_r_settings().minibench.items()
    }


def snap_r_concept():
    """Return the shards of other labels for cells of NAS-Bench-101 that SNAP-R is chosen by."""
    return {
        part: shipped_shards("nasbench101", part) for part in snap_r_settings().selection.concept
    }


def snap_r_spaces():
    """Return every space whose cells SNAP-R reads."""
    return sorted({"nasbench101", *snap_r_published(), *snap_r_minibench()})


def snap_r_inputs(wildcards):
    """Return the choice, the training cells, and what is ranked."""
    return {
        "selection": f"{RESULTS}/snap_r/selection.csv",
        "labels": f"{RESULTS}/labels/nasbench101.parquet",
        "cells": f"{RESULTS}/graphs/nasbench101-cells.parquet",
        "published": [f"{RESULTS}/labels/{space}.parquet" for space in snap_r_published()],
        "minibench": [
            path
            for parts in snap_r_minibench().values()
            for shards in parts.values()
            for path in shards
        ],
    }
