// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IChronicle} from "../interfaces/IChronicle.sol";

/// @title Chronicle
/// @notice The only way in which our contracts emit: what is logged is what is folded, byte for byte.
abstract contract Chronicle is IChronicle {
    bytes32 private _chronicleHead;

    /// @inheritdoc IChronicle
    function chronicleHead() external view returns (bytes32 head) {
        return _chronicleHead;
    }

    /// @dev Starts the fold. It can be started once, so this is also the latch of `initialize`; the
    /// implementations that clones point to start theirs in the constructor and are thereby locked.
    function _begin() internal {
        if (_chronicleHead != 0) revert ChronicleAlreadyBegun();
        _chronicleHead = keccak256(abi.encodePacked(block.chainid, address(this)));
    }

    function _record(bytes32 topic0, bytes memory data) internal {
        _chronicleHead = _emit(_chronicleHead, topic0, data);
    }

    function _record(bytes32 topic0, bytes32 topic1, bytes memory data) internal {
        _chronicleHead = _emit(_chronicleHead, topic0, topic1, data);
    }

    function _record(bytes32 topic0, bytes32 topic1, bytes32 topic2, bytes memory data) internal {
        _chronicleHead = _emit(_chronicleHead, topic0, topic1, topic2, data);
    }

    function _record(bytes32 topic0, bytes32 topic1, bytes32 topic2, bytes32 topic3, bytes memory data) internal {
        assembly ("memory-safe") {
            log4(add(data, 32), mload(data), topic0, topic1, topic2, topic3)
        }
        _chronicleHead = _fold(
            _chronicleHead,
            keccak256(abi.encodePacked(uint256(4), topic0, topic1, topic2, topic3, data))
        );
    }

    /// @dev For a batch that keeps the head in memory between `_headNow` and `_setHead`; nothing may be
    /// recorded by other means in between.
    function _emit(bytes32 head, bytes32 topic0, bytes memory data) internal returns (bytes32) {
        assembly ("memory-safe") {
            log1(add(data, 32), mload(data), topic0)
        }
        return _fold(head, keccak256(abi.encodePacked(uint256(1), topic0, data)));
    }

    function _emit(bytes32 head, bytes32 topic0, bytes32 topic1, bytes memory data) internal returns (bytes32) {
        assembly ("memory-safe") {
            log2(add(data, 32), mload(data), topic0, topic1)
        }
        return _fold(head, keccak256(abi.encodePacked(uint256(2), topic0, topic1, data)));
    }

    function _emit(
        bytes32 head,
        bytes32 topic0,
        bytes32 topic1,
        bytes32 topic2,
        bytes memory data
    ) internal returns (bytes32) {
        assembly ("memory-safe") {
            log3(add(data, 32), mload(data), topic0, topic1, topic2)
        }
        return _fold(head, keccak256(abi.encodePacked(uint256(3), topic0, topic1, topic2, data)));
    }

    /// @dev An event without indexed fields and with `words` words of data that lies in memory as it is hashed: number
    /// of topics (1), topic, data. Logging and folding the same words where they lie saves copying them.
    function _emit1(bytes32 head, uint256 place, uint256 words) internal returns (bytes32) {
        bytes32 inner;
        assembly ("memory-safe") {
            let size := shl(5, words)
            log1(add(place, 64), size, mload(add(place, 32)))
            inner := keccak256(place, add(64, size))
        }
        return _fold(head, inner);
    }

    /// @dev The same with one indexed field.
    function _emit2(bytes32 head, uint256 place, uint256 words) internal returns (bytes32) {
        bytes32 inner;
        assembly ("memory-safe") {
            let size := shl(5, words)
            log2(add(place, 96), size, mload(add(place, 32)), mload(add(place, 64)))
            inner := keccak256(place, add(96, size))
        }
        return _fold(head, inner);
    }

    function _headNow() internal view returns (bytes32) {
        return _chronicleHead;
    }

    function _setHead(bytes32 head) internal {
        _chronicleHead = head;
    }

    function _topic(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }

    /// @dev keccak256(head ‖ uint64 block number ‖ uint64 timestamp ‖ inner) in memory that is free.
    function _fold(bytes32 head, bytes32 inner) private view returns (bytes32 folded) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, head)
            mstore(add(free, 32), or(shl(192, number()), shl(128, timestamp())))
            mstore(add(free, 48), inner)
            folded := keccak256(free, 80)
        }
    }
}
