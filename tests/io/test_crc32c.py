import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.labels.official.nasbench101_files import crc32c as bit_by_bit

from nascast.io.crc32c import crc32c, crc32c_of_all

# RFC 3720, appendix B.4, and the usual check value.
KNOWN = {
    b"": 0,
    b"123456789": 0xE3069283,
    bytes(32): 0x8A9136AA,
    b"\xff" * 32: 0x62A8AB43,
    bytes(range(32)): 0x46DD794E,
    bytes(range(31, -1, -1)): 0x113FDB5C,
}


@pytest.mark.parametrize(("data", "expected"), KNOWN.items())
def test_the_published_examples(data: bytes, expected: int) -> None:
    assert crc32c(data) == expected


def test_all_of_them_at_once_keep_their_places() -> None:
    assert crc32c_of_all(list(KNOWN)).tolist() == list(KNOWN.values())
    assert crc32c_of_all([]).tolist() == []


@given(st.lists(st.binary(max_size=40), max_size=12))
def test_agrees_with_the_polynomial(strings: list[bytes]) -> None:
    assert crc32c_of_all(strings).tolist() == [bit_by_bit(data) for data in strings]
