// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAssembly} from "./interfaces/IAssembly.sol";
import {Action, DecisionClass, IBylaws, Own, Rule} from "./interfaces/IBylaws.sol";
import {IMembership} from "./interfaces/IMembership.sol";
import {ActionClasses} from "./modules/ActionClasses.sol";
import {BylawBounds} from "./modules/BylawBounds.sol";
import {Chronicle} from "./modules/Chronicle.sol";

/// @title Bylaws
/// @notice See IBylaws.
contract Bylaws is IBylaws, Chronicle {
    // Storage

    address private _assembly;
    /// @dev Newest version of each class, 32 bits a class in the order of DecisionClass.
    uint256 private _versions;
    mapping(DecisionClass class => mapping(uint32 version => Rule)) private _rules;

    // Start

    /// @dev Locks the implementation.
    constructor() {
        _begin();
    }

    /// @inheritdoc IBylaws
    function initialize(address theAssembly, Rule[7] calldata rules, uint256 roll) external {
        _begin();
        _assembly = theAssembly;
        for (uint8 i; i < rules.length; ++i) {
            _setRule(DecisionClass(i), rules[i], roll);
        }
        _refuseShortRecoveryNotice();
    }

    // Only a passed proposal

    /// @inheritdoc IBylaws
    function setRule(DecisionClass class, Rule calldata rule) external {
        if (msg.sender != _assembly) revert BylawsOnlyAssembly(msg.sender);

        _setRule(class, rule, IMembership(IAssembly(_assembly).membership()).rollSize());
        _refuseShortRecoveryNotice();
    }

    // Views

    /// @inheritdoc IBylaws
    function assembly_() external view returns (address) {
        return _assembly;
    }

    /// @inheritdoc IBylaws
    function ruleVersion(DecisionClass class) public view returns (uint32) {
        return uint32(_versions >> (32 * uint8(class)));
    }

    /// @inheritdoc IBylaws
    function ruleOf(DecisionClass class, uint32 version) external view returns (Rule memory) {
        if (version == 0 || version > ruleVersion(class)) revert BylawsUnknownRule(class, version);
        return _rules[class][version];
    }

    /// @inheritdoc IBylaws
    function inForce(DecisionClass class) external view returns (uint32 version, Rule memory rule) {
        version = ruleVersion(class);
        rule = _rules[class][version];
    }

    /// @inheritdoc IBylaws
    function classify(
        Own calldata own,
        Action[] calldata actions
    ) external pure returns (DecisionClass class, uint32 subjectId) {
        return ActionClasses.classify(own, actions);
    }

    // Internal

    function _setRule(DecisionClass class, Rule calldata rule, uint256 roll) private {
        BylawBounds.check(class, rule);
        BylawBounds.checkReachable(class, rule, roll);

        uint32 version = ruleVersion(class) + 1;
        _versions += uint256(1) << (32 * uint8(class));
        _rules[class][version] = rule;

        _record(RuleSet.selector, bytes32(uint256(uint8(class))), abi.encode(version, rule));
    }

    /// @dev A key is replaced with no less notice than a member is removed: the present key must be able to
    /// object. A proposal that changes both raises Recovery's notice first, or lowers Removal's first.
    function _refuseShortRecoveryNotice() private view {
        Rule storage removal = _rules[DecisionClass.Removal][ruleVersion(DecisionClass.Removal)];
        Rule storage recovery = _rules[DecisionClass.Recovery][ruleVersion(DecisionClass.Recovery)];
        if (recovery.notice < removal.notice) revert BylawsRuleOutOfBounds(DecisionClass.Recovery, "notice");
    }
}
