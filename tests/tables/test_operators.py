"""Table 1: the paper's sentences as printed, then ours, with how many spaces share them."""

from __future__ import annotations

import pandas as pd

from nascast.tables.operators import LENGTHS, build_table, lay_out_table, published_sentences
from nascast.tables.render import to_html, to_markdown


def sentences() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "operation": ["none", "conv3x3", "nor_conv_3x3"],
            "short": ["None", "Convolution 3 by 3", "Convolution 3 by 3"],
            "medium": ["Doing nothing", "conv", "conv"],
            "long": ["Nothing at all", "a conv", "a conv"],
            "spaces": ["nasbench201 transnas_micro", "transnas_micro", "nasbench201"],
        }
    )


def test_the_papers_examples_are_complete() -> None:
    published = published_sentences()
    assert list(published["operation"]) == [
        "none", "skip_connect", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3",
    ]  # fmt: skip
    assert published.loc[0, "short"] == "None"
    assert published.loc[2, "short"] == "Convolution 3x3"
    lengths = published[list(LENGTHS)].map(len)
    assert (lengths["short"] < lengths["long"]).all()


def test_ours_follow_the_papers() -> None:
    table = build_table(sentences())
    assert list(table["whose"]) == ["published"] * 5 + ["here"] * 3
    assert table["operation"].tolist()[5:] == ["none", "conv3x3", "nor_conv_3x3"]


def test_the_layout_counts_spaces_and_different_sentences() -> None:
    layout = lay_out_table(build_table(sentences()), "Table 1")
    assert [line.cells[0].value for line in layout.lines[5:]] == [2, 1, 1]
    assert layout.lines[5].headers == ("none", "None", "Doing nothing", "Nothing at all")
    text = to_markdown(layout)
    assert "3 operations of 2 search spaces have 2 / 2 / 2 different" in text
    assert "nan" not in to_html(layout, "t").lower()
