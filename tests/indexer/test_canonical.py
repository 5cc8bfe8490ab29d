"""The quick decoder and eth_abi: the same values, or the quick one steps aside."""

import pytest
from eth_abi.exceptions import DecodingError
from hypothesis import given
from hypothesis import strategies as st

from indexer import abi
from indexer.abi import Parameter
from indexer.canonical import decoder

TYPES = ["address", "bool", "uint8", "uint40", "uint256", "bytes3", "bytes32", "string"]
parameters = st.lists(st.sampled_from(TYPES), min_size=1, max_size=5).map(
    lambda types: [Parameter(f"p{place}", kind) for place, kind in enumerate(types)]
)


@st.composite
def encoded(draw: st.DrawFn) -> tuple[list[Parameter], bytes]:
    """Parameters and data that fits them, sometimes with bytes changed, cut or added."""
    drawn = draw(parameters)
    values = {
        "address": st.just("0x" + "ab" * 20),
        "bool": st.booleans(),
        "uint8": st.integers(0, 255),
        "uint40": st.integers(0, 2**40 - 1),
        "uint256": st.integers(0, 2**256 - 1),
        "bytes3": st.binary(min_size=3, max_size=3),
        "bytes32": st.binary(min_size=32, max_size=32),
        "string": st.text(max_size=70),
    }
    signature = abi.Signature("f", tuple(drawn))
    data = abi.encode_call(signature, [draw(values[each.type]) for each in drawn])[4:]
    match draw(st.integers(0, 3)):
        case 0:
            return drawn, data
        case 1:
            return drawn, data[: draw(st.integers(0, len(data)))]
        case 2:
            return drawn, data + draw(st.binary(max_size=64))
    place = draw(st.integers(0, len(data) - 1))
    changed = data[:place] + draw(st.binary(min_size=1, max_size=1)) + data[place + 1 :]
    return drawn, changed


@given(encoded())
def test_whatever_the_quick_decoder_gives_eth_abi_gives_too(
    drawn: tuple[list[Parameter], bytes],
) -> None:
    parameters, data = drawn
    decode = decoder(parameters)
    assert decode is not None
    quick = decode(data)
    if quick is not None:
        assert quick == tuple(abi.decode_named(parameters, data).values())


@given(parameters)
def test_what_a_compiler_writes_is_decoded_quickly(drawn: list[Parameter]) -> None:
    empty = {"address": "0x" + "00" * 20, "bool": False, "string": "", "bytes3": bytes(3)}
    empty["bytes32"] = bytes(32)
    signature = abi.Signature("f", tuple(drawn))
    data = abi.encode_call(signature, [empty.get(each.type, 0) for each in drawn])[4:]
    decode = decoder(drawn)
    assert decode is not None
    assert decode(data) is not None


def test_types_that_are_not_flat_are_left_to_eth_abi() -> None:
    assert decoder([Parameter("a", "uint256[]")]) is None
    assert decoder([Parameter("a", "(uint8,bool)")]) is None
    assert decoder([Parameter("a", "int8")]) is None


def test_a_text_behind_a_strange_offset_is_left_to_eth_abi() -> None:
    decode = decoder([Parameter("a", "string")])
    strange = (64).to_bytes(32, "big") + bytes(32) + (1).to_bytes(32, "big") + b"x".ljust(32, b"\0")
    assert decode is not None
    assert decode(strange) is None
    assert abi.decode_named([Parameter("a", "string")], strange) == {"a": "x"}


def test_data_that_eth_abi_refuses_is_not_given_either() -> None:
    decode = decoder([Parameter("a", "uint8")])
    assert decode is not None
    assert decode((256).to_bytes(32, "big")) is None
    with pytest.raises(DecodingError):
        abi.decode_named([Parameter("a", "uint8")], (256).to_bytes(32, "big"))
