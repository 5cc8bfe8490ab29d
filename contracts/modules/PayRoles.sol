// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IPayRates, PayRule, Role, RoleTerms} from "../interfaces/IPayRates.sol";
import {PayLadder} from "./PayLadder.sol";
import {PayRuleBook} from "./PayRuleBook.sol";
import {Timestamps} from "./Timestamps.sol";

/// @title PayRoles
/// @notice The roles and the history of their rates. Only a passed proposal adds, changes or retires a role;
/// only a pay vote changes a rate.
abstract contract PayRoles is PayRuleBook, Timestamps, ReentrancyGuardTransient {
    using Checkpoints for Checkpoints.Trace208;

    /// @dev Roles at one time: closing a vote looks at each of them.
    uint256 private constant MAX_ROLES = 32;
    /// @dev Roles ever, retired ones included: their numbers fit 8 bits, 0 is none.
    uint256 private constant MAX_ROLES_EVER = 255;

    /// @dev A role in one slot, so that closing a vote reads each role once.
    struct RoleRecord {
        uint40 rate;
        uint40 floor;
        uint40 step;
        uint16 maxChangeBps;
        uint32 lastPayVote;
        /// deadline of the newest pay vote; 0 once it is closed
        uint40 deadline;
        /// last moment at which the newest pay vote can be closed; once it is closed, when that was
        uint40 endsAt;
    }

    /// @dev With what a role began. Its first rate is its history until a pay vote changes it.
    struct Beginning {
        uint8 number;
        uint40 since;
        uint40 rate;
    }

    // Storage

    bytes3 private _currency;
    uint8 private _roleCount;
    /// @dev Numbers given so far, counted from 1.
    uint8 private _lastNumber;

    mapping(uint256 number => bytes32 role) private _names;
    /// @dev Bit n is set when role number n is retired.
    uint256 private _retired;
    mapping(bytes32 role => Beginning) private _beginnings;
    /// @dev By number; 0 stays empty. (A mapping would hash the key of each role that closing a vote looks at.)
    RoleRecord[MAX_ROLES_EVER + 1] private _roles;
    /// @dev Rates from each moment on, after the first one.
    mapping(uint256 number => Checkpoints.Trace208) private _rates;

    // Only a passed proposal

    /// @inheritdoc IPayRates
    function addRole(RoleTerms calldata terms) external onlyAssembly nonReentrant {
        _addRole(terms);
    }

    /// @inheritdoc IPayRates
    function changeRole(
        bytes32 role_,
        uint48 floor,
        uint48 step,
        uint16 maxChangeBps
    ) external onlyAssembly nonReentrant {
        RoleRecord storage record = _roles[_activeNumber(role_)];
        _refuseOutOfBounds(floor, step, maxChangeBps);

        (record.floor, record.step, record.maxChangeBps) = (uint40(floor), uint40(step), maxChangeBps);

        _record(RoleChanged.selector, role_, abi.encode(floor, step, maxChangeBps));
    }

    /// @inheritdoc IPayRates
    function retireRole(bytes32 role_) external onlyAssembly nonReentrant {
        uint256 number = _activeNumber(role_);

        _retired |= 1 << number;
        --_roleCount;

        _record(RoleRetired.selector, role_, "");
    }

    /// @inheritdoc IPayRates
    function setPayRule(PayRule calldata rule) external onlyAssembly nonReentrant {
        _setPayRule(rule);
    }

    // Views

    /// @inheritdoc IPayRates
    function currency() external view returns (bytes3) {
        return _currency;
    }

    /// @inheritdoc IPayRates
    function roles() external view returns (bytes32[] memory names) {
        names = new bytes32[](_lastNumber);
        for (uint256 i; i < names.length; ++i) {
            names[i] = _roleName(i + 1);
        }
    }

    /// @inheritdoc IPayRates
    function roleOf(bytes32 role_) external view returns (Role memory) {
        uint256 number = _number(role_);
        RoleRecord memory record = _roles[number];
        return
            Role({
                rate: record.rate,
                floor: record.floor,
                step: record.step,
                maxChangeBps: record.maxChangeBps,
                lastPayVote: record.lastPayVote,
                closedAt: record.deadline == 0 ? record.endsAt : 0,
                retired: _isRetired(number)
            });
    }

    /// @inheritdoc IPayRates
    function rateAt(bytes32 role_, uint256 timepoint) external view returns (uint256) {
        // A moment still to come is answered with the present rate.
        uint48 moment = uint48(Math.min(timepoint, clock()));
        uint256 rate = _rates[_number(role_)].upperLookupRecent(moment);
        if (rate != 0) return rate;
        Beginning storage beginning = _beginnings[role_];
        return beginning.since <= moment ? beginning.rate : 0;
    }

    /// @inheritdoc IPayRates
    function bounds(bytes32 role_) external view returns (uint256 lowest, uint256 highest) {
        return _bounds(_activeNumber(role_));
    }

    // Internal: start

    function _initializeRoles(bytes3 currency_, RoleTerms[] calldata roles_) internal {
        _refuseUnless(currency_ != 0, "currency");

        _currency = currency_;
        _record(CurrencySet.selector, abi.encode(currency_));
        for (uint256 i; i < roles_.length; ++i) {
            _addRole(roles_[i]);
        }
    }

    // Internal: what pay votes need of roles

    /// @dev The role's number; reverts when it was never added or is retired.
    function _activeNumber(bytes32 role_) internal view returns (uint256 number) {
        number = _number(role_);
        if (_isRetired(number)) revert PayRatesUnknownRole(role_);
    }

    function _roleName(uint256 number) internal view returns (bytes32) {
        return _names[number];
    }

    function _role(uint256 number) internal view returns (RoleRecord storage) {
        return _roles[number];
    }

    function _refuseUnderWay(bytes32 role_, uint256 number) internal view {
        RoleRecord storage record = _roles[number];
        if (record.deadline != 0 && block.timestamp <= record.endsAt) {
            revert PayRatesVoteUnderWay(role_, record.lastPayVote);
        }
    }

    /// @dev With the rule in force, the rates of this moment and the role's present floor and largest change.
    function _bounds(uint256 number) internal view returns (uint256 lowest, uint256 highest) {
        PayRule storage rule = _ruleNow();
        uint256 ratioCap = rule.ratioCap;
        (uint256 least, uint256 most) = ratioCap == 0 ? (0, 0) : _extremes(number);
        return
            PayLadder.bounds({
                earlierRate: _earlierRate(number, rule.period),
                maxChangeBps: _roles[number].maxChangeBps,
                floor: _roles[number].floor,
                least: least,
                most: most,
                ratioCap: ratioCap
            });
    }

    /// @dev A vote on another role that must be closed before this one; 0 if there is none.
    function _earlierVote(uint256 number, uint256 payVoteId, uint40 deadline) internal view returns (uint256) {
        uint256 retired = _retired;
        for (uint256 other = _lastNumber; other != 0; --other) {
            if (other == number || (retired >> other) & 1 != 0) continue;
            RoleRecord storage record = _roles[other];
            uint256 theirs = record.deadline;
            if (theirs == 0 || theirs > deadline) continue;
            if (theirs == deadline && record.lastPayVote > payVoteId) continue;
            if (block.timestamp <= record.endsAt) return record.lastPayVote;
        }
        return 0;
    }

    /// @dev Sets a role's rate from this moment on.
    function _setRate(uint256 number, bytes32 role_, uint256 rate, uint256 payVoteId) internal {
        _roles[number].rate = uint40(rate);
        _rates[number].push(clock(), uint208(rate));

        _record(RateSet.selector, role_, abi.encode(rate, payVoteId));
    }

    // Private

    function _addRole(RoleTerms calldata terms) private {
        bytes32 role_ = terms.role;
        _refuseUnless(_isName(role_), "role");
        if (_beginnings[role_].number != 0) revert PayRatesRoleExists(role_);
        uint256 number = uint256(_lastNumber) + 1;
        if (_roleCount == MAX_ROLES) revert PayRatesTooManyRoles(MAX_ROLES + 1);
        if (number > MAX_ROLES_EVER) revert PayRatesTooManyRoles(number);
        _refuseOutOfBounds(terms.floor, terms.step, terms.maxChangeBps);
        _refuseUnless(terms.rate != 0 && terms.rate <= PayLadder.MAX_RATE, "rate");
        _refuseRateOutOfBounds(terms, number);

        _names[number] = role_;
        _beginnings[role_] = Beginning({number: uint8(number), since: _now(), rate: uint40(terms.rate)});
        _lastNumber = uint8(number);
        ++_roleCount;
        RoleRecord storage record = _roles[number];
        (record.rate, record.floor, record.step) = (uint40(terms.rate), uint40(terms.floor), uint40(terms.step));
        record.maxChangeBps = terms.maxChangeBps;

        _record(RoleAdded.selector, role_, abi.encode(terms.floor, terms.step, terms.maxChangeBps));
        _record(RateSet.selector, role_, abi.encode(terms.rate, uint256(0)));
    }

    function _refuseOutOfBounds(uint48 floor, uint48 step, uint16 maxChangeBps) private pure {
        _refuseUnless(floor <= PayLadder.MAX_RATE, "floor");
        _refuseUnless(step != 0 && step <= PayLadder.MAX_RATE, "step");
        _refuseUnless(maxChangeBps != 0 && maxChangeBps <= 10_000, "maxChangeBps");
    }

    function _refuseRateOutOfBounds(RoleTerms calldata terms, uint256 number) private view {
        (uint256 least, uint256 most) = _extremes(number);
        (uint256 lowest, uint256 highest) = PayLadder.ratioBand(least, most, _ruleNow().ratioCap);
        // Present rates break the cap already (it was tightened, or a floor rose): no rate satisfies it, and one
        // between the others makes nothing worse.
        if (lowest > highest) (lowest, highest) = (least, most);
        // The floor is stronger than the cap.
        lowest = Math.max(lowest, terms.floor);
        highest = Math.max(highest, lowest);
        if (terms.rate < lowest || terms.rate > highest) {
            revert PayRatesRateOutOfBounds(terms.role, terms.rate, lowest, highest);
        }
    }

    /// @dev At least one byte, at most 31, and nothing hidden behind a zero byte.
    function _isName(bytes32 role_) private pure returns (bool) {
        bytes32 rest = role_;
        while (rest[0] != 0) rest <<= 8;
        return rest == 0 && role_ != 0 && role_[31] == 0;
    }

    function _number(bytes32 role_) private view returns (uint256 number) {
        number = _beginnings[role_].number;
        if (number == 0) revert PayRatesUnknownRole(role_);
    }

    function _isRetired(uint256 number) private view returns (bool) {
        return (_retired >> number) & 1 != 0;
    }

    /// @dev The rate in force one period ago, or the role's first.
    function _earlierRate(uint256 number, uint256 period) private view returns (uint256 rate) {
        rate = _rates[number].upperLookupRecent(uint48(Math.saturatingSub(block.timestamp, period)));
        if (rate == 0) rate = _beginnings[_roleName(number)].rate;
    }

    /// @dev The lowest and the highest rate of all other roles that are not retired; 0 if there are none.
    function _extremes(uint256 number) private view returns (uint256 least, uint256 most) {
        uint256 retired = _retired;
        for (uint256 other = _lastNumber; other != 0; --other) {
            if (other == number || (retired >> other) & 1 != 0) continue;
            uint256 rate = _roles[other].rate;
            if (least == 0 || rate < least) least = rate;
            if (rate > most) most = rate;
        }
    }
}
