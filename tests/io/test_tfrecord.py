import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.labels.official.nasbench101_files import framed, masked

from nascast.io import tfrecord
from nascast.io.tfrecord import RecordError, read_records

PAYLOADS = [b"first", b"", b"the third record is longer" * 20, bytes(range(256))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "a.tfrecord"
    file.write_bytes(framed(PAYLOADS))
    return file


def test_reads_what_stands_in_the_file(path: Path) -> None:
    assert list(read_records(path)) == PAYLOADS
    path.write_bytes(b"")
    assert list(read_records(path)) == []


@pytest.mark.parametrize(("name", "value"), [("_BATCH_RECORDS", 3), ("_BATCH_BYTES", 600)])
def test_batches_do_not_change_the_records(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: int
) -> None:
    monkeypatch.setattr(tfrecord, name, value)
    assert list(read_records(path)) == PAYLOADS
    content = path.read_bytes()
    path.write_bytes(content[:-5] + b"!" + content[-4:])
    with pytest.raises(RecordError, match=f"record 3, byte {len(content) - 272}: its payload"):
        list(read_records(path))


def test_every_flipped_bit_is_found(tmp_path: Path) -> None:
    content = framed([b"ab", b"c"])
    for place in range(len(content)):
        for bit in range(8):
            damaged = bytearray(content)
            damaged[place] ^= 1 << bit
            file = tmp_path / "damaged"
            file.write_bytes(damaged)
            with pytest.raises(RecordError, match=r"damaged at record [01], byte (0|18): its"):
                list(read_records(file))


def test_every_truncation_is_found_but_between_records(tmp_path: Path) -> None:
    content = framed([b"ab", b"c"])
    for size in range(len(content)):
        file = tmp_path / "truncated"
        file.write_bytes(content[:size])
        if size in (0, 18):
            assert list(read_records(file)) == [b"ab"][: size // 18]
        else:
            with pytest.raises(RecordError, match=r"the file ends within its (length|payload)"):
                list(read_records(file))


def test_a_claimed_length_costs_no_memory(tmp_path: Path) -> None:
    size = struct.pack("<Q", 1 << 40)
    file = tmp_path / "huge"
    file.write_bytes(size + masked(size) + b"x" * 100)
    with pytest.raises(RecordError, match="has 1099511627776 bytes, at most 1048576 expected"):
        list(read_records(file))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"cannot read .*none\.tfrecord: No such file"):
        list(read_records(tmp_path / "none.tfrecord"))


@given(payloads=st.lists(st.binary(max_size=60), max_size=8))
def test_any_payloads_come_back(
    payloads: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("any") / "records"
    file.write_bytes(framed(payloads))
    assert list(read_records(file)) == payloads
