// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CoopTest} from "./CoopTest.sol";
import {VM, Vm} from "./Vm.sol";

/// @title Events
/// @notice Compares whole logs: who logged, every topic, every byte of the data.
abstract contract Events is CoopTest {
    /// @dev The logs since the last call; that there are as many as expected is part of every test.
    function _logs(uint256 expected) internal returns (Vm.Log[] memory logs) {
        logs = VM.getRecordedLogs();
        _same(logs.length, expected, "number of logs");
    }

    /// @param signature The event as Solidity writes it; topic 0 is its hash.
    /// @param indexed_ abi.encode of the indexed values.
    /// @param data abi.encode of the others.
    function _logged(
        Vm.Log memory log,
        address emitter,
        string memory signature,
        bytes memory indexed_,
        bytes memory data
    ) internal pure {
        bytes memory topics;
        for (uint256 i; i < log.topics.length; ++i) {
            topics = bytes.concat(topics, log.topics[i]);
        }
        _same(log.emitter, emitter, signature);
        _same(topics, bytes.concat(keccak256(bytes(signature)), indexed_), signature);
        _same(log.data, data, signature);
    }
}
