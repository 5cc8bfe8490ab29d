// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CoopInvariants} from "./CoopInvariants.sol";

/// @title LongRun
/// @notice The acts reach what the invariants are about: without that, they would hold of nothing.
contract LongRun is CoopInvariants {
    error Unreached(bytes32[37] acts);

    function test_a_long_run_reaches_every_state_that_the_invariants_speak_of() external {
        bytes4[] memory acts = handler.acts();
        for (uint256 i; i < 1_500; ++i) {
            uint256 chance = uint256(keccak256(abi.encode("long run", i)));
            // solhint-disable-next-line avoid-low-level-calls
            (bool ok, bytes memory answer) = address(handler).call(
                abi.encodePacked(acts[chance % acts.length], keccak256(abi.encode(chance)))
            );
            if (!ok) revert RefusedWith("no act may fail as a whole", acts[chance % acts.length], answer);
            _so(handler.look(), "a proposal went back");
        }
        for (uint256 number = 1; number <= 17; ++number) {
            _noBreach(number, "a breach in the long run");
        }
        _allReached();
    }

    /// @dev Reverts with the names of those that were not.
    function _allReached() private view {
        bytes32[37] memory missing = _wanted();
        uint256 count;
        for (uint256 i; i < missing.length; ++i) {
            if (handler.reached(missing[i]) == 0) ++count;
            else missing[i] = 0;
        }
        if (count != 0) revert Unreached(missing);
    }

    function _wanted() private pure returns (bytes32[37] memory) {
        return [
            bytes32("proposed"),
            "canceled",
            "queued",
            "executed",
            "defeated",
            "expired",
            "extended",
            "second call",
            "appealed",
            "replied",
            "objected",
            "cast",
            "carried",
            "skipped",
            "changed",
            "changed in a new epoch",
            "applied",
            "admitted",
            "left",
            "rotated",
            "recovered",
            "suspended",
            "expelled",
            "reinstated",
            "reinstated by vote",
            "rule set",
            "pay decided",
            "paid",
            "pay vote opened",
            "pay cast",
            "pay carried",
            "pay changed",
            "pay vote closed",
            "rate changed",
            "trespassed",
            "voted together",
            "funded"
        ];
    }
}
