// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAssembly} from "./interfaces/IAssembly.sol";
import {Action, DecisionClass, IBylaws, Own, Rule} from "./interfaces/IBylaws.sol";
import {IMembership} from "./interfaces/IMembership.sol";
import {ActionClasses} from "./modules/ActionClasses.sol";
import {BylawBounds} from "./modules/BylawBounds.sol";
import {Chronicle} from "./modules/Chronicle.sol";
import {CloneArguments} from "./modules/CloneArguments.sol";
import {PackedRule} from "./modules/PackedRule.sol";

/// @title Bylaws
/// @notice See IBylaws.
contract Bylaws is IBylaws, Chronicle, CloneArguments {
    using PackedRule for Rule;
    using PackedRule for uint256;

    /// @dev What the word of a proposal and that of the versions hold.
    uint256 private constant VERSION_BITS = 13;
    uint32 private constant MAX_VERSION = 8191;
    uint32 private constant FIRST = 1;
    uint256 private constant CLASSES = 7;
    /// @dev Version 1 of each class.
    uint96 private constant ALL_FIRST = 0x40020010008004002001;

    // Storage

    address private _assembly;
    /// @dev Newest version of each class, 13 bits a class in the order of DecisionClass.
    uint96 private _versions;
    /// @dev From the second version on: the first rules are in the clone's arguments, one word a class.
    mapping(DecisionClass class => mapping(uint32 version => uint256 packedRule)) private _rules;

    // Start

    /// @dev Locks the implementation.
    constructor() {
        _begin();
    }

    /// @inheritdoc IBylaws
    function initialize(address theAssembly, uint256 roll) external {
        _begin();
        _assembly = theAssembly;
        for (uint8 i; i < CLASSES; ++i) {
            DecisionClass class = DecisionClass(i);
            _announce(class, FIRST, _packed(class, FIRST).unpack(), roll);
        }
        _versions = ALL_FIRST;
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
        return uint32((_versions >> (VERSION_BITS * uint8(class))) & MAX_VERSION);
    }

    /// @inheritdoc IBylaws
    function ruleOf(DecisionClass class, uint32 version) external view returns (Rule memory) {
        return packedRuleOf(class, version).unpack();
    }

    /// @inheritdoc IBylaws
    function packedRuleOf(DecisionClass class, uint32 version) public view returns (uint256) {
        if (version == 0 || version > ruleVersion(class)) revert BylawsUnknownRule(class, version);
        return _packed(class, version);
    }

    /// @inheritdoc IBylaws
    function inForce(DecisionClass class) public view returns (uint32 version, Rule memory rule) {
        version = ruleVersion(class);
        rule = _packed(class, version).unpack();
    }

    /// @inheritdoc IBylaws
    function classify(
        Own calldata own,
        Action[] calldata actions
    ) external view returns (DecisionClass class, uint32 subjectId, uint32 version, uint256 packedRule) {
        (class, subjectId) = ActionClasses.classify(own, actions);
        version = ruleVersion(class);
        packedRule = _packed(class, version);
    }

    // Internal

    function _setRule(DecisionClass class, Rule memory rule, uint256 roll) private {
        uint32 version = ruleVersion(class) + 1;
        if (version > MAX_VERSION) revert BylawsTooManyVersions(class);
        _versions += uint96(uint256(1) << (VERSION_BITS * uint8(class)));
        _announce(class, version, rule, roll);
        _rules[class][version] = rule.pack();
    }

    function _packed(DecisionClass class, uint32 version) private view returns (uint256) {
        return version == FIRST ? uint256(_argument(32 * uint256(class))) : _rules[class][version];
    }

    /// @dev Refuses a rule that is out of bounds or that nobody could pass; logs it.
    function _announce(DecisionClass class, uint32 version, Rule memory rule, uint256 roll) private {
        BylawBounds.check(class, rule);
        BylawBounds.checkReachable(class, rule, roll);

        _record(RuleSet.selector, bytes32(uint256(uint8(class))), abi.encode(version, rule));
    }

    /// @dev A key is replaced with no less notice than a member is removed: the present key must be able to
    /// object. A proposal that changes both raises Recovery's notice first, or lowers Removal's first.
    function _refuseShortRecoveryNotice() private view {
        (, Rule memory removal) = inForce(DecisionClass.Removal);
        (, Rule memory recovery) = inForce(DecisionClass.Recovery);
        if (recovery.notice < removal.notice) revert BylawsRuleOutOfBounds(DecisionClass.Recovery, "notice");
    }
}
