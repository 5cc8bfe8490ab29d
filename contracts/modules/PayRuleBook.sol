// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPayRates, PayRule} from "../interfaces/IPayRates.sol";
import {Chronicle} from "./Chronicle.sol";

/// @title PayRuleBook
/// @notice Every version of the pay rule, and the Assembly whose passed proposals set it. A pay vote runs by
/// the version that was in force when it was called.
abstract contract PayRuleBook is IPayRates, Chronicle {
    // Storage

    mapping(uint32 version => PayRule) private _rules;

    // With what PayRoles declares first, one slot.
    address private _assembly;
    uint32 private _newestVersion;

    modifier onlyAssembly() {
        if (msg.sender != _assembly) revert PayRatesOnlyAssembly(msg.sender);
        _;
    }

    // Views

    /// @inheritdoc IPayRates
    function assembly_() external view returns (address) {
        return _assembly;
    }

    /// @inheritdoc IPayRates
    function payRuleVersion() external view returns (uint32) {
        return _newestVersion;
    }

    /// @inheritdoc IPayRates
    function payRuleOf(uint32 version) external view returns (PayRule memory) {
        return _rules[version];
    }

    // Internal

    function _initializeRuleBook(address theAssembly, PayRule calldata rule) internal {
        _assembly = theAssembly;
        _setPayRule(rule);
    }

    function _setPayRule(PayRule calldata rule) internal {
        _refuseUnless(rule.notice <= 60 days, "notice");
        _refuseUnless(rule.votingPeriod >= 1 hours && rule.votingPeriod <= 60 days, "votingPeriod");
        _refuseUnless(rule.grace >= 1 days && rule.grace <= 180 days, "grace");
        _refuseUnless(rule.rest <= 180 days, "rest");
        _refuseUnless(rule.period >= 1 days && rule.period <= 3650 days, "period");
        _refuseUnless(rule.ratioCap == 0 || (rule.ratioCap >= 100 && rule.ratioCap <= 10_000), "ratioCap");
        _refuseUnless(rule.quorumMin != 0, "quorumMin");
        _refuseUnless(rule.quorumBps <= 10_000, "quorumBps");

        uint32 version = ++_newestVersion;
        _rules[version] = rule;

        _record(PayRuleSet.selector, abi.encode(version, rule));
    }

    function _rule(uint32 version) internal view returns (PayRule storage) {
        return _rules[version];
    }

    /// @dev The rule in force now.
    function _ruleNow() internal view returns (PayRule storage) {
        return _rules[_newestVersion];
    }

    function _newestRule() internal view returns (uint32 version) {
        return _newestVersion;
    }

    function _refuseUnless(bool inBounds, bytes32 field) internal pure {
        if (!inBounds) revert PayRatesOutOfBounds(field);
    }
}
