import struct

import pytest
from tests.labels.official.nasbench101_files import varint

from nascast.labels.official.wire import WireError, fields


def test_each_type_of_field() -> None:
    message = (
        b"\x08\x96\x01"  # field 1, the documentation's example: 150
        + b"\x12\x07testing"  # field 2, a text
        + b"\x19" + struct.pack("<d", 0.25)  # field 3, a double
        + b"\x25" + b"abcd"  # field 4, 32 bits
    )  # fmt: skip
    assert list(fields(message)) == [(1, 150), (2, b"testing"), (3, 0.25), (4, b"abcd")]
    assert list(fields(b"")) == []


def test_large_numbers() -> None:
    assert list(fields(varint(1000 << 3) + varint(2**63 + 5))) == [(1000, 2**63 + 5)]


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (b"\x08", "ends within the number at byte 1"),
        (b"\x08\x96", "ends within the number at byte 1"),
        (b"\x08" + b"\xff" * 11, "more than 10 bytes"),
        (b"\x12\x07test", "field 2 ends behind the message"),
        (b"\x19abc", "field 3 ends behind the message"),
        (b"\x25abc", "field 4 ends behind the message"),
        (b"\x0b", "field 1 has the wire type 3"),
        (b"\x00\x01", "field number 0"),
    ],
)
def test_what_is_no_message_says_why(message: bytes, fault: str) -> None:
    with pytest.raises(WireError, match=fault):
        list(fields(message))
