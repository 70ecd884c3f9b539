"""Trains rebuilt networks as the mini benchmark trains its own, to check what a search claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
import pyarrow as pa
import torch

from nascast.errors import NascastError
from nascast.graphs.computation import ComputationGraph
from nascast.graphs.rebuild import module_of_graph
from nascast.images.base import ImageSet
from nascast.labels.trainer import Recipe, TrainingRecord, train_network
from nascast.seeds import derive_seed

GRAPH_TRAININGS_SCHEMA = pa.schema(
    [
        pa.field("task", pa.string(), nullable=False),
        pa.field("fingerprint", pa.string(), nullable=False),
        pa.field("training", pa.int32(), nullable=False),
        pa.field("val_acc", pa.float64(), nullable=False),
        pa.field("test_acc", pa.float64(), nullable=False),
        pa.field("val_loss", pa.float64(), nullable=False),
        pa.field("test_loss", pa.float64(), nullable=False),
        pa.field("train_seconds", pa.float64(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
    ]
)
"""One row a (task, graph, training); accuracies in [0, 1], losses in nats."""


class GraphTrainingError(NascastError):
    """A graph whose network does not fit the images that it should be trained on."""


def train_graph(
    graph: ComputationGraph, images: ImageSet, recipe: Recipe, training: int
) -> TrainingRecord:
    """Rebuild a graph's network and train it to classify an image set.

    Initialisation and image order come from the identity (fingerprint, image set, ``training``):
    graphs that differ in the order of their nodes alone may be initialised differently. torch's
    global generator is left as it was.

    Args:
        graph: of a classifier.
        images: already on the device.
        recipe: the schedule.
        training: counts the trainings of one graph from zero.

    Raises:
        GraphTrainingError: the network has other images or another number of classes.
        GraphError: the graph does not determine a network.
    """
    _check_fit(graph, images)
    identity = derive_seed("graph-labels", graph.fingerprint(), images.name, training)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(identity)
        model = module_of_graph(graph)
    return train_network(model, images, recipe, identity)


def train_graphs(
    graphs: Sequence[ComputationGraph],
    images: ImageSet,
    recipe: Recipe,
    trainings: Iterable[int],
    task: str,
) -> pd.DataFrame:
    """Return the rows of :data:`GRAPH_TRAININGS_SCHEMA`: each graph once, however often it stands.

    Args:
        graphs: of classifiers.
        images: already on the device.
        recipe: the schedule.
        trainings: numbers of the trainings of each graph.
        task: name of the task.
    """
    rows, numbers, unique = [], list(trainings), dict[str, ComputationGraph]()
    for graph in graphs:
        unique.setdefault(graph.fingerprint(), graph)
    for fingerprint, graph in unique.items():
        for training in numbers:
            record = train_graph(graph, images, recipe, training)
            rows.append(
                {
                    "task": task,
                    "fingerprint": fingerprint,
                    "training": training,
                    "val_acc": record.val_metric[-1],
                    "test_acc": record.test_metric,
                    "val_loss": record.val_loss[-1],
                    "test_loss": record.test_loss,
                    "train_seconds": record.train_seconds,
                    "status": record.status,
                }
            )
            result = f"accuracy {record.test_metric:.3f} loss {record.test_loss:.3f}"
            print(f"{fingerprint} training {training}: {result} {record.train_seconds:.1f} s")
    return pd.DataFrame(rows, columns=GRAPH_TRAININGS_SCHEMA.names)


def _check_fit(graph: ComputationGraph, images: ImageSet) -> None:
    kinds, shapes = graph.type_names, graph.shapes.tolist()
    seen = tuple(shapes[kinds.index("Input")][3:])
    told = tuple(shapes[kinds.index("Output")][:3])
    size = (*images.size, 3)
    if seen != size:
        raise GraphTrainingError(
            f"the graph's network reads images of height, width and channels {seen}, those of "
            f"{images.name} have {size}; prepare them at the size that the graph was made for"
        )
    if told != (1, 1, images.num_classes):
        raise GraphTrainingError(
            f"the graph's network writes {told[2]} numbers at {told[0]} x {told[1]} positions, but "
            f"{images.name} has {images.num_classes} classes; make the graph with that many"
        )
