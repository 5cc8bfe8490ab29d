// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Chronicle: one word that commits to every log of a contract, in order
/// @notice head₀ = keccak256(uint256 chainId ‖ address). For each log of the contract, in log order:
/// inner = keccak256(uint256 topicCount ‖ topics as 32-byte words ‖ data) and
/// head = keccak256(head ‖ uint64 block number ‖ uint64 timestamp ‖ inner), all big-endian and packed.
/// Whoever folds the logs and reaches the same word has all of them, unchanged and in their places.
interface IChronicle {
    /// @dev Thrown when a contract is initialised a second time.
    error ChronicleAlreadyBegun();

    /// @notice The fold of every log that this contract has emitted so far.
    function chronicleHead() external view returns (bytes32 head);
}
