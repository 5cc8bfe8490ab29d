// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Action, DecisionClass, IBylaws, Own} from "../interfaces/IBylaws.sol";
import {IMembership} from "../interfaces/IMembership.sol";
import {IPayRates} from "../interfaces/IPayRates.sol";

/// @title ActionClasses
/// @notice Which class an action belongs to. The table of `_classOf` is the whole list of what a passed
/// proposal can do to our own contracts.
library ActionClasses {
    uint256 private constant MAX_ACTIONS = 32;
    /// @dev Instead of a number of words: foreign calldata is free, an unnamed call is refused.
    uint256 private constant ANY = type(uint256).max;
    uint256 private constant NONE = type(uint256).max - 1;

    /// @notice The one class of all actions and, for Removal and Recovery, the member concerned.
    function classify(
        Own calldata own,
        Action[] calldata actions
    ) internal pure returns (DecisionClass class, uint32 subjectId) {
        if (actions.length > MAX_ACTIONS) revert IBylaws.BylawsActionCount(actions.length);
        if (actions.length == 0) return (DecisionClass.Ordinary, 0);

        class = _classOf(own, actions[0], 0);
        for (uint256 i = 1; i < actions.length; ++i) {
            DecisionClass found = _classOf(own, actions[i], i);
            if (found != class) revert IBylaws.BylawsMixedClasses(i, class, found);
        }
        if (class == DecisionClass.Removal || class == DecisionClass.Recovery) {
            if (actions.length != 1) revert IBylaws.BylawsActionCount(actions.length);
            subjectId = _firstMemberId(actions[0]);
        }
    }

    /// @dev The first argument of suspend, expel and recover.
    function _firstMemberId(Action calldata action) private pure returns (uint32) {
        return SafeCast.toUint32(uint256(bytes32(action.data[4:36])));
    }

    function _classOf(Own calldata own, Action calldata action, uint256 index) private pure returns (DecisionClass) {
        bytes4 selector = action.data.length < 4 ? bytes4(0) : bytes4(action.data[:4]);
        (DecisionClass class, uint256 words) = _named(own, action.target, selector);
        if (words == ANY) return class;
        if (words == NONE || action.value != 0 || action.data.length != 4 + 32 * words) {
            revert IBylaws.BylawsActionRefused(index, action.target, selector);
        }
        return class;
    }

    /// @dev The class that names a call, and how many words its arguments have: all of them are static.
    function _named(
        Own calldata own,
        address target,
        bytes4 selector
    ) private pure returns (DecisionClass class, uint256 words) {
        if (target == own.membership) {
            if (selector == IMembership.admit.selector) return (DecisionClass.Admission, 1);
            if (selector == IMembership.reinstate.selector) return (DecisionClass.Admission, 1);
            if (selector == IMembership.suspend.selector) return (DecisionClass.Removal, 2);
            if (selector == IMembership.expel.selector) return (DecisionClass.Removal, 1);
            if (selector == IMembership.recover.selector) return (DecisionClass.Recovery, 2);
            if (selector == IMembership.setProbation.selector) return (DecisionClass.Bylaws, 1);
        } else if (target == own.bylaws) {
            if (selector == IBylaws.setRule.selector) return (DecisionClass.Bylaws, 19);
        } else if (target == own.payRates) {
            if (selector == IPayRates.addRole.selector) return (DecisionClass.Pay, 5);
            if (selector == IPayRates.changeRole.selector) return (DecisionClass.Pay, 4);
            if (selector == IPayRates.retireRole.selector) return (DecisionClass.Pay, 1);
            if (selector == IPayRates.setPayRule.selector) return (DecisionClass.Pay, 9);
        } else if (target != own.assembly_) {
            return (DecisionClass.External, ANY);
        }
        return (DecisionClass.External, NONE);
    }
}
