// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Founding} from "../forge/Founding.sol";
import {Ballot, Signing} from "../forge/Signing.sol";
import {VM} from "../forge/Vm.sol";
import {ProvenVote} from "./ProvenVote.sol";

/// @title SignedVotingProofs
/// @notice Nobody votes for a member without their signature (invariants 1, 3 and 5). Which account a digest and a
/// signature lead to is left open, as if any bytes could be anybody's signature of anything: what is proven holds
/// whatever ecrecover answers.
contract SignedVotingProofs is ProvenVote {
    bytes32 private _content;
    bytes32 private _separator;

    function setUp() public override {
        super.setUp();
        _content = assembly_.proposal(proposalId).content;
        _separator = Signing.domain(Founding.NAME, address(assembly_));
    }

    function check_a_relayed_ballot_counts_only_with_the_members_signature_of_it(
        address relayer,
        uint8 choice,
        uint8 sequence,
        bytes32 r,
        bytes32 vs
    ) external {
        VM.assume(choice < 3);
        uint256 counted;
        // Each branch knows its choice for sure, which the words of a ballot depend on.
        for (uint8 known; known < 3; ++known) {
            if (choice == known) counted = _relay(relayer, _entry(known, sequence, r, vs));
        }

        assert(_counted() == counted);
        for (uint8 known; known < 3; ++known) {
            if (choice == known) assert(counted == 0 || _signer(known, sequence, r, vs) == _account(2));
        }
    }

    function check_a_batch_that_is_sent_again_counts_nothing_more(uint8 sequence, bytes32 r, bytes32 vs) external {
        bytes memory batch = bytes.concat(_entry(1, sequence, r, vs), _entry(1, sequence, r, vs));
        uint256 counted = _relay(address(this), batch);
        assert(counted <= 1);
        assert(_counted() == counted);

        assert(_relay(address(this), batch) == 0 || counted == 0);
        assert(_counted() <= 1);
    }

    function _relay(address relayer, bytes memory batch) private returns (uint256 counted) {
        VM.prank(relayer);
        return assembly_.castBallots(proposalId, batch);
    }

    /// @dev A ballot of the second member, as a batch bears it.
    function _entry(uint8 choice, uint8 sequence, bytes32 r, bytes32 vs) private pure returns (bytes memory) {
        return abi.encodePacked(choice, uint32(2), sequence, r, vs);
    }

    /// @dev Whose signature of that ballot it is.
    function _signer(uint8 choice, uint8 sequence, bytes32 r, bytes32 vs) private view returns (address) {
        Ballot memory ballot = Ballot({
            proposalId: proposalId,
            content: _content,
            choice: choice,
            memberId: 2,
            epoch: 0,
            sequence: sequence,
            reason: ""
        });
        uint8 v = uint256(vs) >> 255 == 0 ? 27 : 28;
        return ecrecover(Signing.digest(ballot, _separator), v, r, bytes32((uint256(vs) << 1) >> 1));
    }
}
