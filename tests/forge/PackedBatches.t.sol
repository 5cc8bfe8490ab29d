// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, IAssembly} from "../../contracts/interfaces/IAssembly.sol";
import {PackedBallots} from "../../contracts/modules/PackedBallots.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, BEN} from "./Founding.sol";
import {Ballot, Signing} from "./Signing.sol";
import {VM, Vm} from "./Vm.sol";

/// @notice Batches of signed ballots as bytes: what is whole is read to its end, what is not is refused whole.
contract PackedBatches is CoopTest {
    uint256 private proposalId;

    function setUp() public override {
        super.setUp();
        proposalId = _resolve(ADA);
        _open(proposalId);
    }

    /// @dev Half-sensible entries, then any bytes: an own parser and the contract agree on what it holds.
    function testFuzz_any_bytes_are_read_to_their_end_or_refused_as_truncated(
        uint256 seed,
        bytes calldata tail
    ) external {
        bytes memory packed = bytes.concat(_entries(seed), tail);
        (bool whole, uint256[] memory heads) = _parse(packed);
        if (!whole) return _refusedAsTruncated(packed);

        VM.recordLogs();
        uint256 counted = assembly_.castBallots(proposalId, packed);
        _same(counted, 0, "nothing is signed, so nothing counts");
        Vm.Log[] memory logs = VM.getRecordedLogs();
        _same(logs.length, heads.length, "one log an entry");
        for (uint256 i; i < heads.length; ++i) {
            _same(logs[i].topics[0], IAssembly.BallotSkipped.selector, "the entry is skipped");
            (uint32 memberId, uint8 sequence, ) = abi.decode(logs[i].data, (uint32, uint8, uint8));
            _same((uint256(memberId) << 8) | sequence, heads[i], "memberId and sequence of the entry");
        }
    }

    function testFuzz_bad_entries_between_good_ballots_leave_them_counted(uint256 seed) external {
        bytes memory packed;
        uint256[5] memory keys = _voters();
        for (uint256 i; i < 5; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            Ballot memory ballot = _ballot(keys[i], proposalId, Choice(dice % 3), uint8(1 + ((dice >> 8) % 255)));
            packed = bytes.concat(packed, _entries(dice), _entry(keys[i], ballot));
        }

        _same(assembly_.castBallots(proposalId, packed), 5, "the five good ones are counted");
        (uint256 no, uint256 yes, uint256 abstain) = assembly_.proposalVotes(proposalId);
        _same(no + yes + abstain, 5, "and tallied");
    }

    /// @dev A cut at the border of two entries is a shorter batch; any other cut is a refusal.
    function testFuzz_a_batch_cut_within_an_entry_counts_nothing(uint256 cut) external {
        Ballot memory spoken = _ballot(BEN, proposalId, Choice.Against, 1);
        spoken.reason = "Too soon";
        bytes memory first = _entry(ADA, _ballot(ADA, proposalId, Choice.For, 1));
        bytes memory packed = bytes.concat(first, Signing.entry(spoken, Signing.long(BEN, _digest(spoken))));
        uint256 length = _within(cut, 1, packed.length - 1);
        assembly ("memory-safe") {
            mstore(packed, length)
        }

        if (length == first.length) _same(assembly_.castBallots(proposalId, packed), 1, "the first entry");
        else _refusedAsTruncated(packed);
        (, uint256 yes, ) = assembly_.proposalVotes(proposalId);
        _same(yes, length == first.length ? 1 : 0, "votes for");
    }

    function test_an_empty_batch_counts_nothing_and_logs_nothing() external {
        VM.recordLogs();
        _same(assembly_.castBallots(proposalId, ""), 0, "counted");
        _same(VM.getRecordedLogs().length, 0, "logs");
    }

    function _refusedAsTruncated(bytes memory packed) private {
        bytes memory answer = _refused(
            address(this),
            address(assembly_),
            abi.encodeCall(IAssembly.castBallots, (proposalId, packed)),
            PackedBallots.PackedBallotsTruncated.selector
        );
        _same(answer, abi.encodeWithSelector(bytes4(answer), packed.length), "the length is told");
    }

    /// @dev Up to three whole entries of any flags, members and signatures; none is signed by anybody.
    function _entries(uint256 seed) private pure returns (bytes memory packed) {
        for (uint256 i; i < seed % 4; ++i) {
            uint256 dice = uint256(keccak256(abi.encode("entry", seed, i)));
            uint8 flags = uint8(dice);
            uint32 memberId = dice & 256 == 0 ? uint32(dice >> 32) : uint32((dice >> 32) % 8);
            uint256 length = (dice >> 128) % 90;
            packed = abi.encodePacked(packed, flags, memberId, uint8(dice >> 16));
            packed =
                flags & 8 == 0
                    ? abi.encodePacked(packed, dice, dice)
                    : abi.encodePacked(packed, uint16(length), new bytes(length));
            if (flags & 4 != 0) packed = abi.encodePacked(packed, uint16(length / 2), new bytes(length / 2));
        }
    }

    /// @dev memberId and sequence of each entry, by a reader that looks at one byte after the other.
    function _parse(bytes memory packed) private pure returns (bool whole, uint256[] memory heads) {
        heads = new uint256[](packed.length / 8 + 1);
        uint256 count;
        uint256 at;
        while (at < packed.length) {
            if (at + 6 > packed.length) return (false, heads);
            uint256 flags = uint8(packed[at]);
            heads[count++] = _number(packed, at + 1, 5);
            at += 6;
            if (flags & 8 == 0) at += 64;
            else if (at + 2 > packed.length) return (false, heads);
            else at += 2 + _number(packed, at, 2);
            if (flags & 4 != 0) {
                if (at + 2 > packed.length) return (false, heads);
                at += 2 + _number(packed, at, 2);
            }
            if (at > packed.length) return (false, heads);
        }
        assembly ("memory-safe") {
            mstore(heads, count)
        }
        return (true, heads);
    }

    function _number(bytes memory packed, uint256 at, uint256 width) private pure returns (uint256 value) {
        for (uint256 i; i < width; ++i) {
            value = (value << 8) | uint8(packed[at + i]);
        }
    }
}
