"""The corpus covers torch.nn, keeps held-out classes apart, and has none of Table 8's texts."""

from __future__ import annotations

from collections import Counter

import pytest
from torch import nn

from nascast.tables.similarity import PAIRS
from nascast.text.corpus import (
    CATEGORIES,
    HELD_OUT,
    Text,
    corpus,
    first_sentence,
    paraphrases,
    readable,
    seen,
    torch_classes,
)
from nascast.text.errors import TextError

TEXTS = corpus()


def of(operator: str) -> list[Text]:
    return [text for text in TEXTS if text.operator == operator]


def test_every_documented_layer_of_torch_is_there() -> None:
    described = {text.operator for text in TEXTS}
    containers = {"Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"}
    containers.add("DataParallel")
    left_out = {
        name
        for name, found in vars(nn).items()
        if isinstance(found, type) and issubclass(found, nn.Module) and name not in described
    }
    lazy = {name for name in left_out if name.startswith("Lazy")}
    expected = {"Module", "Container", "RNNBase", "RNNCellBase", "NLLLoss2d", "CrossMapLRN2d"}
    assert left_out - lazy == expected | containers


def test_a_class_has_its_name_its_documentation_and_our_words() -> None:
    texts = {(text.text, text.kind) for text in of("BatchNorm2d")}
    assert {
        ("batch norm 2d", "name"),
        ("nn.BatchNorm2d", "name"),
        ("Applies Batch Normalization over a 4D input", "documentation"),
        ("batch normalisation of 2-dimensional features", "paraphrase"),
    } <= texts
    assert {text.category for text in of("BatchNorm2d")} == {"normalisation"}


def test_no_text_stands_there_twice() -> None:
    counts = Counter(text.text.casefold() for text in TEXTS)
    assert counts.most_common(1)[0][1] == 1


def test_texts_have_no_markup() -> None:
    for text in TEXTS:
        assert text.text == text.text.strip()
        assert not {"`", "{", "<"} & set(text.text.replace(r"\text{", "")), text


def test_no_text_of_table_8_is_a_training_text() -> None:
    known = {text.text.casefold().strip(" .") for text in TEXTS}
    compared = {text.casefold().strip(" .") for pair in PAIRS for text in pair}
    assert not known & compared
    assert not [text for text in TEXTS if "2x2" in text.text or "2 by 2" in text.text]


def test_held_out_classes_are_real_and_unseen_in_every_category() -> None:
    assert set(torch_classes()) >= HELD_OUT
    assert not {text.operator for text in seen(TEXTS)} & HELD_OUT
    assert len(seen(TEXTS)) < len(TEXTS)
    held_out = {text.category for text in TEXTS if text.is_held_out}
    remaining = {text.category for text in seen(TEXTS)}
    assert held_out <= remaining
    assert held_out >= {"convolution", "pooling", "normalisation", "activation", "loss"}


def test_categories_are_where_they_belong() -> None:
    category = {text.operator: text.category for text in TEXTS}
    assert category["MultiheadAttention"] == "attention"
    assert category["Identity"] == category["skip"] == "identity"
    assert category["convolution 3x3"] == category["Conv2d"] == "convolution"
    assert set(CATEGORIES.values()) <= set(category.values())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("AdaptiveAvgPool2d", "adaptive avg pool 2d"),
        ("LeakyReLU", "leaky relu"),
        ("ReLU6", "relu 6"),
        ("RReLU", "rrelu"),
        ("SmoothL1Loss", "smooth l1 loss"),
        ("RMSNorm", "rms norm"),
        ("GRUCell", "gru cell"),
    ],
)
def test_names_become_words(name: str, words: str) -> None:
    assert readable(name) == words


class Documented(nn.Module):
    """__init__(a=1)

    Does :math:`x` by :class:`~torch.nn.ReLU`, see `the paper <http://a.b>`__ (v1.5). More.
    """


class Silent(nn.Module):
    pass


def test_a_first_sentence_is_plain_text() -> None:
    assert first_sentence(Documented) == "Does x by torch.nn.ReLU, see the paper (v1.5)"
    assert first_sentence(nn.Conv2d) == (
        "Applies a 2D convolution over an input signal composed of several input planes"
    )
    assert len(first_sentence(nn.MultiMarginLoss).split()) == 32


def test_python_without_documentation_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Silent, "__doc__", None)
    with pytest.raises(TextError, match=r"torch\.nn\.Silent has no documentation .* -OO"):
        first_sentence(Silent)


def test_a_class_that_torch_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = {name: found for name, found in torch_classes().items() if name != "GELU"}
    monkeypatch.setattr("nascast.text.corpus.torch_classes", lambda: fewer)
    with pytest.raises(TextError, match=r"torch\.nn\.GELU, which torch lacks"):
        list(paraphrases())
