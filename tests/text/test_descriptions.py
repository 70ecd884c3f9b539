"""Every operation of every space has its three sentences; what is missing is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from nascast.spaces import registry as spaces
from nascast.text.descriptions import (
    LENGTHS,
    Description,
    Descriptions,
    all_sentences,
    described_operations,
    load_descriptions,
)
from nascast.text.errors import TextError

FILE = Path(__file__).parents[2] / "resources" / "operators.yaml"
SHIPPED = load_descriptions(FILE)
every_space = pytest.mark.parametrize("space", spaces.names())
ENTRY = "{short: a, medium: b, long: c}"


def written(folder: Path, text: str) -> Path:
    path = folder / "operators.yaml"
    path.write_text(text)
    return path


@every_space
def test_every_registered_space_is_described(space: str) -> None:
    operations = described_operations(space)
    assert operations[:2] == ("input", "output")
    assert operations[2:] == spaces.create(space).operations
    for length in LENGTHS:
        sentences = SHIPPED.sentences(space, operations, length)
        assert len(sentences) == len(operations)
        assert all(sentence == sentence.strip() and "{" not in sentence for sentence in sentences)


@every_space
def test_longer_sentences_are_longer(space: str) -> None:
    lengths = [
        [len(sentence) for sentence in SHIPPED.sentences(space, described_operations(space), name)]
        for name in LENGTHS
    ]
    short, medium, long = (sum(found) for found in lengths)
    assert short < medium < long


@every_space
def test_operations_of_one_space_are_told_apart(space: str) -> None:
    """But for the inputs of a cell, which the short sentences do not tell apart."""
    operations = [name for name in described_operations(space) if not name.startswith("c_{")]
    for length in LENGTHS:
        assert len(set(SHIPPED.sentences(space, operations, length))) == len(operations)


def test_the_papers_own_sentences() -> None:
    operations = ["none", "skip_connect", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3"]
    assert SHIPPED.sentences("nasbench201", operations, "short") == [
        "None", "Residual connection", "Convolution 3 by 3", "Convolution 1 by 1",
        "Average pooling 3 by 3",
    ]  # fmt: skip
    assert SHIPPED.sentences("nasbench201", operations, "medium")[2] == (
        "Convolution 3 by 3 kernel, Batchnorm, ReLU"
    )


@pytest.mark.parametrize(
    "group",
    [
        ("nor_conv_3x3", "conv3x3", "conv3x3-bn-relu"),
        ("nor_conv_1x1", "conv1x1", "conv1x1-bn-relu"),
        ("max_pool_3x3", "maxpool3x3"),
        ("avg_pool_3x3", "avgpool3x3"),
    ],
)
def test_equal_operations_of_several_spaces_have_equal_sentences(group: tuple[str, ...]) -> None:
    assert len({SHIPPED.by_operation[name] for name in group}) == 1


def test_all_operations_of_all_spaces_stand_there_once() -> None:
    found = all_sentences(SHIPPED, "short")
    expected = {name for space in spaces.names() for name in spaces.create(space).operations}
    assert set(found) == expected | {"input", "output"}
    assert found["mbconv-e6-k7"] == "Inverted bottleneck convolution 7 by 7, expansion 6"


def test_what_nobody_described_is_named_with_its_space_and_the_file() -> None:
    message = (
        r"operation 'attention' of search space 'nasbench201' is not described: add a short, .* "
        rf"to {FILE}"
    )
    with pytest.raises(TextError, match=message):
        SHIPPED.sentences("nasbench201", ["none", "attention", "attention"], "short")
    with pytest.raises(TextError, match="operations 'a', 'b' of search space 'x' are not"):
        SHIPPED.sentences("x", ["b", "a"][::-1], "long")
    with pytest.raises(TextError, match="there are no 'tiny' ones"):
        SHIPPED.sentences("x", ["none"], "tiny")  # type: ignore[arg-type]


def test_templates_fill_name_and_sentences(tmp_path: Path) -> None:
    text = f"""
operations: {{a: {ENTRY}}}
templates:
  - {{pattern: "op{{k}}-w{{w}}", values: {{k: [1, 2], w: ["0.5"]}},
     short: "s {{k}}", medium: "m {{w}}", long: "l {{k}} {{w}}"}}
same: {{b: op2-w0.5}}
"""
    found = load_descriptions(written(tmp_path, text))
    second = Description(short="s 2", medium="m 0.5", long="l 2 0.5")
    assert dict(found.by_operation) == {
        "a": Description(short="a", medium="b", long="c"),
        "op1-w0.5": Description(short="s 1", medium="m 0.5", long="l 1 0.5"),
        "op2-w0.5": second,
        "b": second,
    }
    assert isinstance(found, Descriptions)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("operations: {a: {short: a, medium: b}}", "operations.a.long: Field required"),
        ("operations: {a: {short: '', medium: b, long: c}}", "operations.a.short: "),
        (f"operations: {{a: {ENTRY}}}\nother: 1", "other: Extra inputs"),
        ("- 1", "the file: Input should be"),
        ("operations: {a", "is not YAML"),
        (
            f"operations: {{a1: {ENTRY}}}\ntemplates: [{{pattern: 'a{{k}}', values: {{k: [1]}}, "
            "short: a, medium: b, long: c}]",
            "describes 'a1' twice",
        ),
        (
            "operations: {}\ntemplates: [{pattern: 'a{n}', values: {k: [1]}, short: a, medium: b, "
            "long: c}]",
            r"template 'a\{n\}' has the values k and cannot be filled: 'n'",
        ),
        (f"operations: {{a: {ENTRY}}}\nsame: {{b: c}}", "same.b names 'c', which is not"),
        (f"operations: {{a: {ENTRY}}}\nsame: {{a: a}}", "same.a is described itself"),
    ],
)
def test_wrong_files_say_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(TextError, match=message) as caught:
        load_descriptions(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TextError, match=r"cannot read .*absent\.yaml"):
        load_descriptions(tmp_path / "absent.yaml")
