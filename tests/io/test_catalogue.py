import re
from pathlib import Path

import pytest
import yaml

from nascast.io.catalogue import Source, SourceError, get_source, load_sources, providers

CATALOGUE = Path(__file__).parents[2] / "config" / "sources.yaml"
ENTRY = {
    "version": "1",
    "filename": "table.csv",
    "addresses": ["https://example.org/table.csv"],
    "sha256": "0" * 64,
    "bytes": 3,
    "licence": "MIT",
}


def write(tmp_path: Path, **changes: object) -> Path:
    fields = {key: value for key, value in {**ENTRY, **changes}.items() if value is not None}
    path = tmp_path / "sources.yaml"
    path.write_text(yaml.safe_dump({"sources": {"table": fields}}))
    return path


def test_reads_an_entry(tmp_path: Path) -> None:
    source = load_sources(write(tmp_path))["table"]
    assert isinstance(source, Source)
    assert source.name == "table"
    assert source.checksum == ("sha256", "0" * 64)


def test_md5_counts_only_without_sha256(tmp_path: Path) -> None:
    md5 = "1" * 32
    assert load_sources(write(tmp_path, md5=md5))["table"].checksum[0] == "sha256"
    assert load_sources(write(tmp_path, md5=md5, sha256=None))["table"].checksum == ("md5", md5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sha256": None}, "entry table, .*no sha256 and no md5: its notes must say why"),
        ({"approximate_bytes": 3}, "entry table, .*needs no approximate_bytes"),
        ({"sha256": "abc"}, "entry table, sha256"),
        ({"bytes": 0}, "entry table, bytes"),
        ({"filename": "../escape"}, "entry table, filename"),
        ({"filename": ".hidden"}, "entry table, filename"),
        ({"addresses": ["file:///etc/passwd"]}, "entry table, addresses.0"),
        ({"addresses": "https://example.org"}, "entry table, addresses"),
        ({"colour": "red"}, "entry table, colour"),
    ],
)
def test_wrong_entries_are_named(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        load_sources(write(tmp_path, **changes))


def test_missing_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.yaml: No such file"):
        load_sources(tmp_path / "none.yaml")
    (tmp_path / "a.yaml").write_text("a: [")
    with pytest.raises(SourceError, match=r"a\.yaml is not YAML"):
        load_sources(tmp_path / "a.yaml")
    (tmp_path / "b.yaml").write_text("sources: {}")
    with pytest.raises(SourceError, match=r"b\.yaml, entry sources, sources"):
        load_sources(tmp_path / "b.yaml")
    (tmp_path / "c.yaml").write_text("")
    with pytest.raises(SourceError, match=r"c\.yaml, entry sources"):
        load_sources(tmp_path / "c.yaml")


def test_unknown_names_list_what_there_is(tmp_path: Path) -> None:
    sources = load_sources(write(tmp_path, provides="labels"))
    assert providers(sources, "labels") == ["table"]
    with pytest.raises(SourceError, match="there is no source tables; there are table"):
        get_source(sources, "tables")
    with pytest.raises(SourceError, match="no source provides images; provided are labels"):
        providers(sources, "images")


def test_what_a_publisher_does_not_say(tmp_path: Path) -> None:
    silent = {"bytes": None, "sha256": None, "notes": "the publisher gives no hash"}
    source = load_sources(write(tmp_path, **silent))["table"]
    assert (source.checksum, source.bytes, source.size_text) == (None, None, "unknown")
    rounded = load_sources(write(tmp_path, **silent, approximate_bytes=499_000_000))["table"]
    assert rounded.size_text == "about 499 MB"
    assert load_sources(write(tmp_path, bytes=170_498_071))["table"].size_text == "170.5 MB"


def test_the_shipped_catalogue_is_pinned() -> None:
    sources = load_sources(CATALOGUE)
    assert len({source.filename for source in sources.values()}) == len(sources)
    for source in sources.values():
        assert source.notes, source.name
        assert source.needed_by or re.search("not read|cannot load", source.notes), source.name
        assert source.checksum or "no hash" in source.notes, source.name
        assert source.addresses or "mirror" in source.notes, source.name
        for address in source.addresses:
            if "raw.githubusercontent" in address or "huggingface" in address:
                assert re.fullmatch(r"[0-9a-f]{40}", source.version), source.name
                assert f"/{source.version}/" in address, source.name


def test_every_source_is_explained() -> None:
    page = (CATALOGUE.parents[1] / "docs" / "sources.md").read_text("utf-8")
    for source in load_sources(CATALOGUE).values():
        family = re.sub(r"_\d+$", "", source.name)
        assert f"`{family}" in page, source.name


@pytest.mark.parametrize("images", ["cifar10-images", "cifar100-images"])
def test_images_come_from_the_archive_where_one_can_be_had(images: str) -> None:
    archive, packed = providers(load_sources(CATALOGUE), images)
    assert load_sources(CATALOGUE)[archive].addresses
    assert not load_sources(CATALOGUE)[packed].addresses
