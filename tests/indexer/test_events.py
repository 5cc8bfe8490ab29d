"""From raw logs to events with names."""

import pytest
from eth_abi.abi import encode

from indexer import abi
from indexer.blocks import RawLog
from indexer.errors import HandlerFailed, UnknownEvent
from indexer.events import decode

ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
VOTER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


def log(*topics: bytes, data: bytes = b"") -> RawLog:
    return RawLog(7, 3, "0x" + "00" * 32, 0, ADDRESS, b"".join(topics), data)


def vote(reason: bytes) -> RawLog:
    topic = next(each.topic for each in abi.events("Assembly").values() if each.name == "VoteCast")
    data = encode(["uint256", "uint8", "uint256", "bytes"], [5, 1, 1, reason])
    return log(topic, encode(["address"], [VOTER]), data=data)


def test_a_vote_has_the_names_of_the_abi_in_their_order() -> None:
    event = decode("assembly", vote(b"because"))
    assert event.key == "Assembly.VoteCast"
    assert list(event.args.items()) == [
        ("voter", VOTER),
        ("proposalId", 5),
        ("support", 1),
        ("weight", 1),
        ("reason", "because"),
    ]


@pytest.mark.parametrize("reason", [b"\xff\xfe", b"\x80", b"caf\xe9", "schön".encode()[:4]])
def test_a_reason_that_is_no_text_stops_nobodys_mirror(reason: bytes) -> None:
    text = decode("assembly", vote(reason)).args["reason"]
    assert "\\x" in text
    text.encode("utf-8")


def test_an_event_that_the_abi_lacks_is_refused() -> None:
    with pytest.raises(UnknownEvent, match="0x1111"):
        decode("assembly", log(b"\x11" * 32))


def test_a_log_without_topics_is_refused() -> None:
    with pytest.raises(UnknownEvent, match="without a topic"):
        decode("assembly", log())


def test_an_event_of_another_contract_is_refused() -> None:
    with pytest.raises(UnknownEvent):
        decode("membership", vote(b""))


def test_data_cut_short_is_refused() -> None:
    whole = vote(b"because")
    with pytest.raises(HandlerFailed, match=r"Assembly\.VoteCast"):
        decode("assembly", whole._replace(data=whole.data[:-32]))
