"""``nascast.rank``: what the command does, as a function that returns a DataFrame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from nascast.ranking.base import Context, RankingError, Setting, Shape
from nascast.ranking.candidates import Given, read_candidates, unique
from nascast.ranking.formats import COLUMNS, rows
from nascast.ranking.images import Images, OwnImages, RandomImages, load_images
from nascast.ranking.scoring import Ranking, make_ranker, rank_candidates
from nascast.ranking.user_code import candidates_of_objects

# A checkout's own folder; an installed package has to be told, or run where the folder is.
_CHECKOUT = Path(__file__).resolve().parents[3] / "resources" / "models"


def rank(
    models: object,
    predictor: str = "auto",
    *,
    data: object = None,
    budget: float | None = None,
    input_shape: Sequence[int] | None = None,
    classes: int | None = None,
    space: str | None = None,
    seeds: int | None = None,
    batch_size: int = 64,
    device: str = "cpu",
    models_folder: str | Path | None = None,
    tell: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Rank networks without training them.

    Args:
        models: a dict of name to torch module (or a function that makes one), a list of (name,
            module) or (name, module, example input); or texts, as the command takes them: specs,
            files of specs, ``"file.py:function"``. A module is measured with the weights that it
            has, what a function makes with several initialisations.
        predictor: ``"auto"``, a zero-cost proxy, ``"params"``, ``"macs"``, ``"flops"``, ``"nap2"``.
        data: folder or file of images, a pair (inputs, labels) of tensors or arrays, or None for
            random images.
        budget: seconds for all of it; None: as many as it takes.
        input_shape: of one input without the batch axis, for modules without an example input.
        classes: outputs of networks that are built from specs.
        space: search space of specs that do not name theirs.
        seeds: initialisations of each network.
        batch_size: inputs in a mini-batch.
        device: ``"cpu"`` or ``"cuda"``.
        models_folder: where shipped checkpoints lie, if not in ``resources/models``.
        tell: is told of progress, in one line.

    Returns:
        A row a candidate: ``rank, name, score, uncertainty, seconds, params, macs, space, spec,
        reason, error``; the best first, those that cannot be ranked last with their ``error``.
        ``attrs`` holds ``predictor`` and ``note``.

    Raises:
        RankingError: nothing can be ranked at all.
    """
    images = as_images(data, _shape(input_shape))
    setting = make_setting(_shape(input_shape), classes, images)
    context = make_context(
        images, budget, seeds, batch_size, device, models_folder, tell or (lambda line: None)
    )
    ranking = rank_candidates(
        _given(models, setting, space), make_ranker(predictor), setting, context
    )
    return to_frame(ranking)


def to_frame(ranking: Ranking) -> pd.DataFrame:
    """Return a ranking as a DataFrame, see :func:`rank`."""
    frame = pd.DataFrame(rows(ranking), columns=list(COLUMNS))
    numbers = {"score": "float64", "uncertainty": "float64", "seconds": "float64"}
    whole = dict.fromkeys(("rank", "params", "macs"), "Int64")
    texts = dict.fromkeys(("name", "space", "spec", "reason", "error"), "str")
    frame = frame.astype(numbers | whole | texts)
    frame.attrs |= {"predictor": ranking.predictor, "note": ranking.note}
    return frame


def as_images(data: object, shape: Shape | None) -> Images:
    """Return what mini-batches are made from; RankingError names what is wrong with ``data``."""
    if data is None:
        return RandomImages()
    if isinstance(data, Images):
        return data
    if isinstance(data, str | Path):
        return load_images(Path(data), shape)
    if isinstance(data, tuple | list) and len(data) == 2:
        inputs, labels = (torch.as_tensor(part) for part in data)
        return OwnImages(inputs, labels, "the images given")
    raise RankingError(
        f"data must be a folder, a file or a pair of inputs and labels, not a {type(data).__name__}"
    )


def make_setting(shape: Shape | None, classes: int | None, images: Images) -> Setting:
    """Return what networks are built for: the images' classes unless others are asked for.

    Raises:
        RankingError: fewer classes are asked for than the images have.
    """
    if classes is not None and images.classes is not None and classes < images.classes:
        raise RankingError(
            f"{classes} classes are asked for, but {images.description} has {images.classes}"
        )
    return Setting(shape, classes or images.classes)


def make_context(
    images: Images,
    budget: float | None,
    seeds: int | None,
    batch_size: int,
    device: str,
    models: str | Path | None,
    tell: Callable[[str], None],
) -> Context:
    """Return what a ranker may use; the budget begins to run.

    Raises:
        RankingError: a number is not positive, or the device is not there.
    """
    for name, value in (("budget", budget), ("seeds", seeds), ("batch_size", batch_size)):
        if value is not None and not value > 0:
            raise RankingError(f"{name} must be positive, not {value}")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise RankingError("device is 'cuda', but torch sees no CUDA device; use 'cpu'")
    try:
        place = torch.device(device)
    except RuntimeError as error:
        raise RankingError(
            f"device {device!r} is none that torch knows: use 'cpu' or 'cuda'"
        ) from error
    folder = Path(models) if models is not None else _models_folder()
    return Context(images, place, budget, seeds, batch_size, folder, tell)


def _models_folder() -> Path:
    return _CHECKOUT if _CHECKOUT.is_dir() else Path("resources", "models")


def _shape(shape: Sequence[int] | None) -> Shape | None:
    if shape is None:
        return None
    found = tuple(int(length) for length in shape)
    if not found or min(found) < 1:
        raise RankingError(f"input_shape must be positive lengths, e.g. (3, 32, 32), not {shape}")
    return found


def _given(models: Any, setting: Setting, space: str | None) -> Given:
    if isinstance(models, str):
        return read_candidates([models], setting, space)
    if isinstance(models, list | tuple) and models and all(isinstance(m, str) for m in models):
        return read_candidates(models, setting, space)
    return unique(Given(candidates_of_objects(models, "models"), []))
