// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VM} from "./Vm.sol";

/// @dev What a member signs to vote; the field order is that of the signed type.
struct Ballot {
    uint256 proposalId;
    bytes32 content;
    uint8 choice;
    uint32 memberId;
    uint32 epoch;
    uint32 sequence;
    string reason;
}

/// @dev What a member signs to vote on a rate.
struct PayBallot {
    uint256 payVoteId;
    bytes32 content;
    uint256 rate;
    uint32 memberId;
    uint32 epoch;
    uint32 sequence;
    string reason;
}

/// @dev What both keys sign when a member changes theirs.
struct Rotation {
    uint32 memberId;
    address presentAccount;
    address newAccount;
    uint32 epoch;
    uint256 deadline;
}

/// @title Signing
/// @notice EIP-712 digests by code of the tests' own, signatures in both lengths, and entries of packed batches.
library Signing {
    /// @notice The domain of one contract on the present chain.
    function domain(string memory name, address verifier) internal view returns (bytes32) {
        bytes32 kind = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        return keccak256(abi.encode(kind, keccak256(bytes(name)), keccak256("1"), block.chainid, verifier));
    }

    function digest(Ballot memory ballot, bytes32 separator) internal pure returns (bytes32) {
        bytes32 kind = keccak256(
            "Ballot(uint256 proposalId,bytes32 content,string choice,uint32 memberId,uint32 epoch,uint32 sequence,string reason)"
        );
        string[4] memory words = ["against", "for", "abstain", "?"];
        return
            _typed(
                separator,
                abi.encode(
                    kind,
                    ballot.proposalId,
                    ballot.content,
                    keccak256(bytes(words[ballot.choice])),
                    ballot.memberId,
                    ballot.epoch,
                    ballot.sequence,
                    keccak256(bytes(ballot.reason))
                )
            );
    }

    function digest(PayBallot memory ballot, bytes32 separator) internal pure returns (bytes32) {
        bytes32 kind = keccak256(
            "PayBallot(uint256 payVoteId,bytes32 content,uint256 rate,uint32 memberId,uint32 epoch,uint32 sequence,string reason)"
        );
        return
            _typed(
                separator,
                abi.encode(
                    kind,
                    ballot.payVoteId,
                    ballot.content,
                    ballot.rate,
                    ballot.memberId,
                    ballot.epoch,
                    ballot.sequence,
                    keccak256(bytes(ballot.reason))
                )
            );
    }

    function digest(Rotation memory rotation, bytes32 separator) internal pure returns (bytes32) {
        bytes32 kind = keccak256(
            "Rotation(uint32 memberId,address presentAccount,address newAccount,uint32 epoch,uint256 deadline)"
        );
        return _typed(separator, abi.encode(kind, rotation));
    }

    /// @notice r, s, v: 65 bytes.
    function long(uint256 key, bytes32 signed) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(key, signed);
        return abi.encodePacked(r, s, v);
    }

    /// @notice r and s with the parity in the top bit (EIP-2098): 64 bytes.
    function short(uint256 key, bytes32 signed) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(key, signed);
        return abi.encodePacked(r, uint256(s) | (uint256(v - 27) << 255));
    }

    /// @notice One entry of a batch of ballots. 64 bytes of signature travel short, any other length long.
    function entry(Ballot memory ballot, bytes memory signature) internal pure returns (bytes memory) {
        bytes memory head = abi.encodePacked(ballot.memberId, uint8(ballot.sequence));
        return _entry(ballot.choice, head, signature, bytes(ballot.reason));
    }

    /// @notice One entry of a batch of pay ballots; `rung` is the index of the ballot's rate on the ladder.
    function entry(PayBallot memory ballot, uint8 rung, bytes memory signature) internal pure returns (bytes memory) {
        bytes memory head = abi.encodePacked(ballot.memberId, uint8(ballot.sequence), rung);
        return _entry(0, head, signature, bytes(ballot.reason));
    }

    function _entry(
        uint8 choice,
        bytes memory head,
        bytes memory signature,
        bytes memory reason
    ) private pure returns (bytes memory packed) {
        bool isLong = signature.length != 64;
        uint8 flags = choice | (reason.length == 0 ? 0 : 4) | (isLong ? 8 : 0);
        packed = abi.encodePacked(flags, head);
        if (isLong) packed = abi.encodePacked(packed, uint16(signature.length));
        packed = abi.encodePacked(packed, signature);
        if (reason.length != 0) packed = abi.encodePacked(packed, uint16(reason.length), reason);
    }

    function _typed(bytes32 separator, bytes memory struct_) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", separator, keccak256(struct_)));
    }
}
