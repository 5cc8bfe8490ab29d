// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Action, DecisionClass, IBylaws, Rule} from "../../../contracts/interfaces/IBylaws.sol";
import {IMembership, Standing} from "../../../contracts/interfaces/IMembership.sol";
import {IPayRates, PayRule, RoleTerms} from "../../../contracts/interfaces/IPayRates.sol";
import {Founding} from "../Founding.sol";
import {VM} from "../Vm.sol";
import {Post} from "./Ghost.sol";
import {GuardianActs} from "./GuardianActs.sol";

/// @title Effects
/// @notice What is proposed, and what follows for the ghost when it is carried out.
abstract contract Effects is GuardianActs {
    /// @dev A target of no class of ours.
    address internal constant SINK = address(0x51C4);
    mapping(address account => uint256 key) private _keyOf;
    uint256 private _texts;

    // Drafts

    /// @dev Twelve kinds of proposals, with values by chance; some of them can never be carried out.
    function _draft(uint256 seed) internal returns (Action[] memory actions, string memory text) {
        uint32 id = _anyone(seed >> 64);
        uint256 kind = (seed >> 8) % 16;
        text = string(abi.encodePacked("text ", bytes32(++_texts)));
        if (kind < 7) text = _hashed(text);
        if (kind < 7) return (_action(address(membership), _aboutPeople(kind, id, seed)), text);
        if (kind < 10) return (_action(address(bylaws), _aboutRules(kind, seed)), text);
        if (kind < 13) return (_action(address(payRates), _aboutPay(kind, seed)), text);
        if (kind == 13) return (_action(address(membership), _probation(seed)), text);
        if (kind == 15) return (new Action[](0), text);
        actions = _action(SINK, "");
        actions[0].value = seed % 3;
    }

    function _aboutPeople(uint256 kind, uint32 id, uint256 seed) private returns (bytes memory) {
        if (kind == 0) return abi.encodeCall(IMembership.suspend, (id, uint40(1 days + (seed % 61 days))));
        if (kind == 1 || kind == 5) return abi.encodeCall(IMembership.expel, (id));
        if (kind == 2 || kind == 6) {
            uint256 key = _freshKey();
            _keyOf[VM.addr(key)] = key;
            return abi.encodeCall(IMembership.recover, (id, VM.addr(key)));
        }
        for (uint32 other = 1; kind == 3 && other <= people; ++other) {
            if (_people[other].standing == Standing.Suspended) return abi.encodeCall(IMembership.reinstate, (other));
        }
        uint256 start = seed % 5;
        for (uint256 i; i < 5; ++i) {
            uint256 key = 0xF000 + ((start + i) % 5);
            if (applied[VM.addr(key)] != 0) return abi.encodeCall(IMembership.admit, (VM.addr(key)));
        }
        address former = VM.addr(_people[id].key);
        return abi.encodeCall(IMembership.admit, (former));
    }

    function _aboutRules(uint256 kind, uint256 seed) private pure returns (bytes memory) {
        Rule memory rule = Founding.plainRule();
        if (kind == 8) (rule.secondCallDelay, rule.secondCallBps) = (2 days, 1_000);
        if (kind == 9) (rule.swingWindow, rule.swingCap) = (1 days, 3 days);
        if (seed % 3 == 0) rule.quorumMin = uint16(1 + (seed % 9));
        if (seed % 5 == 0) (rule.basisRoll, rule.passNum, rule.passDen) = (true, 2, 3);
        if (seed % 7 == 0) rule.subjectVotes = true;
        if (seed % 11 == 0) rule.votingPeriod = 2 days;
        return abi.encodeCall(IBylaws.setRule, (DecisionClass((seed >> 40) % 7), rule));
    }

    function _aboutPay(uint256 kind, uint256 seed) private view returns (bytes memory) {
        bytes32 role = posts[(seed >> 48) % posts.length];
        if (kind == 10) {
            RoleTerms memory terms = RoleTerms({
                role: bytes32(bytes31(uint248(0x41 + posts.length) << 240)),
                rate: uint48(2_000 + (seed % 300)),
                floor: 500,
                step: 5,
                maxChangeBps: 2_000
            });
            return abi.encodeCall(IPayRates.addRole, (terms));
        }
        if (kind == 11) {
            uint48 floor = uint48(500 + (seed % 1_700));
            return
                abi.encodeCall(
                    IPayRates.changeRole,
                    (role, floor, uint48(1 + (seed % 20)), uint16(1 + (seed % 5_000)))
                );
        }
        if (seed % 4 == 0 && posts.length > 3) return abi.encodeCall(IPayRates.retireRole, (role));
        PayRule memory rule = Founding.payRule();
        rule.ratioCap = seed % 5 == 0 ? 0 : uint16(110 + (seed % 200));
        (rule.fillToRoll, rule.period) = (seed % 2 == 0, uint32(1 days + (seed % 100 days)));
        return abi.encodeCall(IPayRates.setPayRule, (rule));
    }

    function _probation(uint256 seed) private pure returns (bytes memory) {
        return abi.encodeCall(IMembership.setProbation, (uint32(seed % 20 days)));
    }

    // Effects

    /// @param size How many were on the roll before it was carried out.
    function _carryOut(uint256 proposalId, uint256 size) internal {
        Action[] memory actions = _actions[proposalId];
        if (actions.length == 0) return;
        treasury -= actions[0].value;
        if (actions[0].value != 0) ++reached["paid"];
        if (actions[0].target == SINK) return;
        bytes4 selector = bytes4(actions[0].data);
        bytes memory args = _arguments(actions[0].data);
        if (actions[0].target == address(membership)) _applyToPeople(selector, args);
        else if (actions[0].target == address(bylaws)) _applyToRules(args, size);
        else _applyToPay(selector, args);
    }

    function _applyToPeople(bytes4 selector, bytes memory args) private {
        if (selector == IMembership.setProbation.selector) {
            probation = abi.decode(args, (uint32));
        } else if (selector == IMembership.admit.selector) {
            address account = abi.decode(args, (address));
            if (applied[account] == 0 || clock < applied[account] + probation) ++breaches[9];
            applied[account] = 0;
            _enrol(_keyFor(account));
            ++reached["admitted"];
        } else if (selector == IMembership.reinstate.selector) {
            _reinstate(abi.decode(args, (uint32)));
            ++reached["reinstated by vote"];
        } else if (selector == IMembership.recover.selector) {
            (uint32 id, address account) = abi.decode(args, (uint32, address));
            _changeKey(id, _keyOf[account]);
            _unguard(id);
            ++reached["recovered"];
        } else _removed(selector, args);
    }

    function _removed(bytes4 selector, bytes memory args) private {
        bool expelled = selector == IMembership.expel.selector;
        uint32 id = uint32(uint256(bytes32(args)));
        if (_people[id].standing == Standing.Active) _offRoll(id);
        _people[id].standing = expelled ? Standing.Expelled : Standing.Suspended;
        _people[id].suspendedUntil = 0;
        if (!expelled) {
            (, uint40 duration) = abi.decode(args, (uint32, uint40));
            _people[id].suspendedUntil = clock + duration;
        }
        ++reached[expelled ? bytes32("expelled") : bytes32("suspended")];
    }

    function _applyToRules(bytes memory args, uint256 size) private {
        (DecisionClass class, Rule memory rule) = abi.decode(args, (DecisionClass, Rule));
        _noteRule(class, rule);
        uint256 voters = rule.subjectVotes || size <= 1 ? size : size - 1;
        // All for: the quorum by numbers, and the part of the basis, which is everybody who may vote.
        bool passes = rule.quorumMin <= size && voters * 10_000 >= voters * rule.quorumBps;
        passes = passes && voters != 0 && (rule.strict ? rule.passNum < rule.passDen : rule.passNum <= rule.passDen);
        if (!passes) ++breaches[10];
        ++reached["rule set"];
    }

    function _applyToPay(bytes4 selector, bytes memory args) private {
        if (selector == IPayRates.addRole.selector) {
            _noteRole(abi.decode(args, (RoleTerms)));
        } else if (selector == IPayRates.changeRole.selector) {
            (bytes32 role, uint48 floor, uint48 step, uint16 change) = abi.decode(
                args,
                (bytes32, uint48, uint48, uint16)
            );
            Post storage noted = _posts[role];
            (noted.floor, noted.step, noted.maxChangeBps) = (floor, step, change);
        } else if (selector == IPayRates.retireRole.selector) {
            _posts[abi.decode(args, (bytes32))].retired = true;
        } else {
            _notePayRule(abi.decode(args, (PayRule)));
        }
        ++reached["pay decided"];
    }

    function _keyFor(address account) private view returns (uint256) {
        if (idOf[account] != 0) return _people[idOf[account]].key;
        for (uint256 key = 0xF000; key < 0xF005; ++key) {
            if (VM.addr(key) == account) return key;
        }
        revert NotSo("the candidate is known");
    }

    function _arguments(bytes memory data) private pure returns (bytes memory args) {
        args = new bytes(data.length - 4);
        for (uint256 i; i < args.length; ++i) {
            args[i] = data[i + 4];
        }
    }
}
