// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMembership} from "../../contracts/interfaces/IMembership.sol";
import {CoopTest} from "./CoopTest.sol";
import {BEN, FAY, HAL} from "./Founding.sol";
import {Rotation, Signing} from "./Signing.sol";
import {VM} from "./Vm.sol";

/// @notice What the roll refuses, each with its reason.
contract MembershipRefusals is CoopTest {
    function test_an_application_needs_a_profile_and_a_withdrawal_an_application() external {
        _refusesTo(VM.addr(FAY), abi.encodeCall(IMembership.applyToJoin, ("")), _error("MembershipNoProfile()"));
        bytes memory none = _error("MembershipNotCandidate(address)", VM.addr(FAY));
        _refusesTo(VM.addr(FAY), abi.encodeCall(IMembership.withdrawApplication, ()), none);
    }

    function test_nobody_applies_twice_at_a_time() external {
        VM.prank(VM.addr(FAY));
        membership.applyToJoin("a profile");
        bytes memory twice = _error("MembershipAlreadyCandidate(address)", VM.addr(FAY));
        _refusesTo(VM.addr(FAY), abi.encodeCall(IMembership.applyToJoin, ("another")), twice);
    }

    function test_only_who_applied_and_waited_out_probation_is_admitted() external {
        _takeOrdersAsNew();
        bytes memory admission = abi.encodeCall(IMembership.admit, (VM.addr(FAY)));
        _refusesTo(address(assembly_), admission, _error("MembershipNotCandidate(address)", VM.addr(FAY)));

        VM.prank(VM.addr(FAY));
        membership.applyToJoin("a profile");
        uint256 endsAt = _now() + 5 days;
        _warp(endsAt - 1);
        bytes memory waits = bytes.concat(
            _error("MembershipProbationRuns(address,uint256)", VM.addr(FAY)),
            abi.encode(endsAt)
        );
        _refusesTo(address(assembly_), admission, waits);
        _warp(endsAt);
        VM.prank(address(assembly_));
        _same(membership.admit(VM.addr(FAY)), 6, "the next number");
    }

    function test_an_order_is_refused_whose_vote_had_opened_before_the_application() external {
        VM.prank(VM.addr(FAY));
        membership.applyToJoin("a profile");
        uint256 applied = _now();
        _warp(applied + 5 days);
        bytes memory outdated = abi.encodeWithSelector(IMembership.MembershipOrderOutdated.selector, applied, 0);
        _refusesTo(address(assembly_), abi.encodeCall(IMembership.admit, (VM.addr(FAY))), outdated);
    }

    function test_a_suspension_lasts_at_most_sixty_days_and_nobody_ends_it_early() external {
        _takeOrdersAsNew();
        uint40[2] memory durations = [uint40(0), 60 days + 1];
        for (uint256 i; i < 2; ++i) {
            bytes memory bounds = abi.encodeWithSelector(
                IMembership.MembershipSuspensionOutOfBounds.selector,
                durations[i],
                60 days
            );
            _refusesTo(address(assembly_), abi.encodeCall(IMembership.suspend, (2, durations[i])), bounds);
        }
        VM.prank(address(assembly_));
        membership.suspend(2, 60 days);
        uint256 endsAt = _now() + 60 days;
        _warp(endsAt - 1);
        bytes memory runs = abi.encodeWithSelector(IMembership.MembershipSuspensionRuns.selector, 2, endsAt);
        _refusesTo(VM.addr(BEN), abi.encodeCall(IMembership.reinstate, (2)), runs);
        _warp(endsAt);
        membership.reinstate(2);
        _same(membership.rollSize(), 5, "all are back");
    }

    function test_probation_is_a_year_at_most() external {
        bytes memory bounds = abi.encodeWithSelector(
            IMembership.MembershipProbationOutOfBounds.selector,
            365 days + 1,
            365 days
        );
        _refusesTo(address(assembly_), abi.encodeCall(IMembership.setProbation, (365 days + 1)), bounds);
        VM.prank(address(assembly_));
        membership.setProbation(365 days);
        _same(membership.probation(), 365 days, "a year");
    }

    function test_a_change_of_key_is_refused_after_its_deadline() external {
        bytes memory expired = abi.encodeWithSelector(IMembership.MembershipRotationExpired.selector, _now() - 1);
        bytes memory call = abi.encodeCall(IMembership.rotate, (2, VM.addr(HAL), _now() - 1, "", ""));
        _refusesTo(VM.addr(HAL), call, expired);
    }

    function test_a_key_rests_for_two_days_after_a_change() external {
        _rotate(BEN, FAY);
        uint256 earliest = _now() + 2 days;
        _warp(earliest - 1);
        bytes memory tooSoon = abi.encodeWithSelector(IMembership.MembershipRotationTooSoon.selector, 2, earliest);
        bytes memory call = abi.encodeCall(IMembership.rotate, (2, VM.addr(HAL), earliest, "", ""));
        _refusesTo(VM.addr(HAL), call, tooSoon);
        _warp(earliest);
        _rotate(FAY, HAL);
        _same(membership.memberOf(2).account, VM.addr(HAL), "the third key");
    }

    function test_a_change_of_key_needs_the_new_keys_own_signature() external {
        Rotation memory wish = Rotation({
            memberId: 2,
            presentAccount: VM.addr(BEN),
            newAccount: VM.addr(HAL),
            epoch: 0,
            deadline: _now() + 1 days
        });
        bytes memory present = Signing.long(BEN, _digest(wish));
        bytes memory another = Signing.long(FAY, _digest(wish));
        bytes memory call = abi.encodeCall(IMembership.rotate, (2, wish.newAccount, wish.deadline, present, another));
        _refusesTo(VM.addr(HAL), call, _error("MembershipBadSignature(address)", VM.addr(HAL)));
    }

    function _refusesTo(address sender, bytes memory call, bytes memory error_) private {
        _refused(sender, address(membership), call, error_);
    }

    function _error(string memory signature) private pure returns (bytes memory) {
        return abi.encodeWithSignature(signature);
    }

    function _error(string memory signature, address account) private pure returns (bytes memory) {
        return abi.encodeWithSignature(signature, account);
    }
}
