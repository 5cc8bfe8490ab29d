// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, IAssembly, Refusal} from "../../contracts/interfaces/IAssembly.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, BEN, Founding} from "./Founding.sol";
import {Ballot, Signing} from "./Signing.sol";
import {VM, Vm} from "./Vm.sol";

/// @notice Which signatures count: 64 or 65 bytes, low s, v of 27 or 28, by the member's key over the very ballot.
contract Signatures is CoopTest {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    Ballot private ballot;

    function setUp() public override {
        super.setUp();
        uint256 proposalId = _resolve(ADA);
        _open(proposalId);
        ballot = _ballot(ADA, proposalId, Choice.For, 1);
    }

    function test_64_bytes_of_EIP_2098_are_accepted() external {
        _accepted(Signing.entry(ballot, Signing.short(ADA, _digest(ballot))));
    }

    function test_65_bytes_are_accepted() external {
        _accepted(Signing.entry(ballot, Signing.long(ADA, _digest(ballot))));
    }

    function test_64_bytes_are_accepted_where_a_length_stands_before_them() external {
        bytes memory signature = Signing.short(ADA, _digest(ballot));
        _accepted(abi.encodePacked(uint8(8 | ballot.choice), ballot.memberId, uint8(1), uint16(64), signature));
    }

    function testFuzz_a_signature_by_any_key_over_any_reason_is_accepted_if_it_is_the_members(
        uint256 other,
        string calldata reason
    ) external {
        uint256 key = _within(other, 1, ORDER - 1);
        ballot.reason = bytes(reason).length > 500 ? "" : reason;
        if (key != ADA) _refusedAsUnsigned(Signing.entry(ballot, Signing.long(key, _digest(ballot))));
        _accepted(Signing.entry(ballot, Signing.long(ADA, _digest(ballot))));
    }

    function testFuzz_any_v_but_the_one_that_was_signed_is_refused(uint8 v) external {
        bytes memory signature = Signing.long(ADA, _digest(ballot));
        VM.assume(v != uint8(signature[64]));
        signature[64] = bytes1(v);

        _refusedAsUnsigned(Signing.entry(ballot, signature));
    }

    function test_a_high_s_is_refused_in_65_bytes() external {
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(ADA, _digest(ballot));
        bytes32 high = bytes32(ORDER - uint256(s));
        _same(ecrecover(_digest(ballot), 55 - v, r, high), VM.addr(ADA), "the chain itself would take it");

        _refusedAsUnsigned(Signing.entry(ballot, abi.encodePacked(r, high, 55 - v)));
    }

    function testFuzz_any_length_but_64_and_65_is_refused(uint256 length, bytes1 filler) external {
        bytes memory good = Signing.long(ADA, _digest(ballot));
        bytes memory signature = new bytes(_within(length, 0, 200));
        VM.assume(signature.length != 64 && signature.length != 65);
        for (uint256 i; i < signature.length; ++i) {
            signature[i] = i < 65 ? good[i] : filler;
        }

        _refusedAsUnsigned(Signing.entry(ballot, signature));
    }

    function testFuzz_one_flipped_bit_anywhere_in_the_signature_is_refused(uint256 bit, bool isLong) external {
        bytes memory signature = isLong ? Signing.long(ADA, _digest(ballot)) : Signing.short(ADA, _digest(ballot));
        uint256 at = bit % (8 * signature.length);
        signature[at / 8] ^= bytes1(uint8(1 << (at % 8)));

        _refusedAsUnsigned(Signing.entry(ballot, signature));
    }

    /// @dev Signed over one field that is another than the one submitted.
    function testFuzz_a_signature_over_another_ballot_is_refused(uint256 field, uint256 change) external {
        Ballot memory signed = ballot;
        uint256 step = _within(change, 1, type(uint16).max);
        field %= 7;
        if (field == 0) signed.proposalId += step;
        if (field == 1) signed.content ^= bytes32(step);
        if (field == 2) signed.choice = step % 2 == 0 ? 0 : 2;
        if (field == 3) signed.memberId += uint32(step);
        if (field == 4) signed.epoch += uint32(step);
        if (field == 5) signed.sequence += uint32(step);
        if (field == 6) signed.reason = "Another reason";

        _refusedAsUnsigned(Signing.entry(ballot, Signing.short(ADA, _digest(signed))));
    }

    function testFuzz_a_signature_for_another_domain_is_refused(uint256 field, uint64 change) external {
        VM.assume(change != 0 && change != block.chainid);
        bytes32 domain = Signing.domain(Founding.NAME, address(assembly_));
        if (field % 3 == 0) domain = Signing.domain("Spinners", address(assembly_));
        if (field % 3 == 1) domain = Signing.domain(Founding.NAME, address(uint160(change)));
        if (field % 3 == 2) {
            uint256 here = block.chainid;
            VM.chainId(change);
            domain = Signing.domain(Founding.NAME, address(assembly_));
            VM.chainId(here);
        }

        _refusedAsUnsigned(Signing.entry(ballot, Signing.short(ADA, Signing.digest(ballot, domain))));
    }

    function test_a_ballot_of_this_chain_is_void_on_a_fork_of_it() external {
        bytes memory packed = Signing.entry(ballot, Signing.short(ADA, _digest(ballot)));
        VM.chainId(block.chainid + 1);

        _refusedAsUnsigned(packed);
    }

    function test_a_signature_of_another_member_is_refused() external {
        _refusedAsUnsigned(Signing.entry(ballot, Signing.short(BEN, _digest(ballot))));
    }

    function _accepted(bytes memory packed) private {
        _same(assembly_.castBallots(ballot.proposalId, packed), 1, "the ballot is counted");
    }

    function _refusedAsUnsigned(bytes memory packed) private {
        VM.recordLogs();
        _same(assembly_.castBallots(ballot.proposalId, packed), 0, "the ballot is not counted");
        Vm.Log[] memory logs = VM.getRecordedLogs();
        _same(logs.length, 1, "logs");
        _same(logs[0].topics[0], IAssembly.BallotSkipped.selector, "the ballot is skipped");
        bytes memory expected = abi.encode(ballot.memberId, ballot.sequence, Refusal.BadSignature);
        _same(logs[0].data, expected, "the refusal");
    }
}
