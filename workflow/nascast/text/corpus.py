"""Descriptions of operators for fine-tuning: torch's own documentation and our paraphrases.

Source: SNAP, section 3.2 and appendix F. The documentation is read from the installed torch at run
time. The paper's further descriptions come from GPT-4o; ours are written by hand
(``paraphrases.yaml``).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict
from torch import nn

from nascast.text.errors import TextError

CATEGORIES: Final = {
    "conv": "convolution",
    "pooling": "pooling",
    "padding": "padding",
    "activation": "activation",
    "batchnorm": "normalisation",
    "instancenorm": "normalisation",
    "normalization": "normalisation",
    "rnn": "recurrent",
    "transformer": "attention",
    "linear": "linear",
    "dropout": "dropout",
    "sparse": "embedding",
    "distance": "distance",
    "loss": "loss",
    "adaptive": "loss",
    "pixelshuffle": "resampling",
    "upsampling": "resampling",
    "channelshuffle": "reshaping",
    "fold": "reshaping",
    "flatten": "reshaping",
}
"""Functional category of the classes in each module of ``torch.nn.modules``."""

_ELSEWHERE: Final = {"MultiheadAttention": "attention", "Identity": "identity"}
# Bases of others, another class under its old name, and one that torch does not document.
_NO_OPERATORS: Final = ("RNNBase", "RNNCellBase", "NLLLoss2d", "CrossMapLRN2d")
_DIMENSIONS: Final = (1, 2, 3)

HELD_OUT: Final = frozenset(
    {
        *(f"ConvTranspose{d}d" for d in _DIMENSIONS),
        *(f"LPPool{d}d" for d in _DIMENSIONS),
        *(f"ReflectionPad{d}d" for d in _DIMENSIONS),
        *(f"InstanceNorm{d}d" for d in _DIMENSIONS),
        *("GroupNorm", "SELU", "Mish", "Hardswish", "Softshrink", "GRU", "GRUCell", "Bilinear"),
        *("AlphaDropout", "FeatureAlphaDropout", "EmbeddingBag", "PixelUnshuffle"),
        *("TransformerDecoder", "TransformerDecoderLayer"),
        *("HuberLoss", "KLDivLoss", "TripletMarginLoss", "TripletMarginWithDistanceLoss"),
    }
)
"""Classes that fine-tuning never sees: whole families, so that no sibling gives them away."""

_MOST_WORDS: Final = 32
_SIGNATURE: Final = re.compile(r"^\w+\(.*\)$")
_ROLE: Final = re.compile(r":\w+(?::\w+)?:`~?([^`<]+?)(?:\s*<[^>]*>)?`")
_LINK: Final = re.compile(r"`([^`<]+?)\s*<[^>]*>`_{1,2}|`([^`]+)`_{1,2}")
_SENTENCE_END: Final = re.compile(r"(?<=[a-z\)\]0-9])\.(?:\s|$)")
_WORDS: Final = re.compile(r"P?R?ReLU|SiLU|[A-Z]+\d?(?![a-z])|[A-Z][a-z]+|[a-z]+|\d+d?")


@dataclass(frozen=True, slots=True)
class Text:
    """One description.

    Attributes:
        text: the description.
        operator: what it describes: a class of ``torch.nn``, or an operator of cells.
        category: the operator's functional category.
        kind: ``name``, ``documentation`` or ``paraphrase``.
    """

    text: str
    operator: str
    category: str
    kind: str

    @property
    def is_held_out(self) -> bool:
        """Whether fine-tuning must not see the operator."""
        return self.operator in HELD_OUT


class _Class(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    texts: list[str]
    values: list[int] = []

    def expand(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the name and the texts for each value, under the letters that the name has."""
        letter = next(iter(re.findall(r"\{(\w)\}", self.name)), "")
        for numbers in [{letter: value} for value in self.values] or [{}]:
            yield self.name.format(**numbers), [text.format(**numbers) for text in self.texts]


class _Operator(_Class):
    category: str


class _Paraphrases(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    classes: list[_Class]
    operators: list[_Operator]


def corpus() -> list[Text]:
    """Return all descriptions, each text once, those of held-out classes included.

    Raises:
        TextError: torch has no documentation (Python runs with ``-OO``), or lacks a class that
            ``paraphrases.yaml`` describes.
    """
    found = [*torch_texts(), *paraphrases()]
    first = {text.text.casefold(): text for text in reversed(found)}
    return [text for text in found if first[text.text.casefold()] is text]


def torch_texts() -> Iterator[Text]:
    """Yield each class's name in two forms and the first sentence of its documentation."""
    for name, operator in torch_classes().items():
        category = _ELSEWHERE.get(name) or CATEGORIES[_module(operator)]
        yield Text(readable(name), name, category, "name")
        yield Text(f"nn.{name}", name, category, "name")
        yield Text(first_sentence(operator), name, category, "documentation")


def torch_classes() -> dict[str, type[nn.Module]]:
    """Return the operators among the classes of ``torch.nn``, by name."""
    return {
        name: found
        for name, found in vars(nn).items()
        if isinstance(found, type)
        and issubclass(found, nn.Module)
        and _module(found) in CATEGORIES
        and not name.startswith("Lazy")
        and name not in _NO_OPERATORS
    }


def paraphrases() -> Iterator[Text]:
    """Yield our own descriptions."""
    text = files("nascast.text").joinpath("paraphrases.yaml").read_text(encoding="utf-8")
    read = _Paraphrases.model_validate(yaml.safe_load(text))
    known = torch_classes()
    for described in read.classes:
        for name, texts in described.expand():
            if name not in known:
                raise TextError(f"paraphrases.yaml describes torch.nn.{name}, which torch lacks")
            category = _ELSEWHERE.get(name) or CATEGORIES[_module(known[name])]
            yield from (Text(text, name, category, "paraphrase") for text in texts)
    for operator in read.operators:
        for name, texts in operator.expand():
            yield from (Text(text, name, operator.category, "paraphrase") for text in texts)


def seen(texts: Sequence[Text]) -> list[Text]:
    """Return what fine-tuning may see."""
    return [text for text in texts if not text.is_held_out]


def readable(name: str) -> str:
    """Return a class's name as words: ``AdaptiveAvgPool2d`` as ``adaptive avg pool 2d``."""
    return " ".join(_WORDS.findall(name)).lower()


def first_sentence(operator: type[nn.Module]) -> str:
    """Return the first sentence of a class's documentation without markup, at most 32 words.

    Raises:
        TextError: the class has no documentation.
    """
    paragraphs = inspect.cleandoc(operator.__doc__ or "").split("\n\n")
    paragraphs = [text for text in paragraphs if not _SIGNATURE.match(text.strip())]
    plain = _ROLE.sub(r"\1", " ".join(paragraphs[0].split())) if paragraphs else ""
    plain = _LINK.sub(lambda match: match[1] or match[2], plain).replace("`", "")
    sentence = _SENTENCE_END.split(plain, maxsplit=1)[0].strip(" .:")
    if not sentence:
        raise TextError(
            f"torch.nn.{operator.__name__} has no documentation to read: run Python without -OO"
        )
    return " ".join(sentence.split()[:_MOST_WORDS])


def _module(operator: type[nn.Module]) -> str:
    return operator.__module__.rpartition(".")[2]
