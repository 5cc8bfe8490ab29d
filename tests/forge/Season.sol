// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice} from "../../contracts/interfaces/IAssembly.sol";
import {Action, DecisionClass, IBylaws, Rule} from "../../contracts/interfaces/IBylaws.sol";
import {IMembership} from "../../contracts/interfaces/IMembership.sol";
import {IPayRates, PayRule, RoleTerms} from "../../contracts/interfaces/IPayRates.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, BEN, CLEO, DRIVER, EVE, FAY, Founding, GUS, HAL, IDA, WEAVER} from "./Founding.sol";
import {Ballot, PayBallot} from "./Signing.sol";
import {VM} from "./Vm.sol";

/// @title Season
/// @notice A season in which everything happens that our contracts log.
abstract contract Season is CoopTest {
    function _season() internal {
        _people();
        _recovery();
        _removal();
        _ballots();
        _pay();
        _rules();
    }

    /// @dev Somebody joins, changes the key and leaves; somebody else takes the application back.
    function _people() internal {
        _admit(FAY);
        _rotate(FAY, GUS);
        VM.startPrank(VM.addr(HAL));
        membership.applyToJoin("a profile");
        membership.withdrawApplication();
        VM.stopPrank();
        VM.prank(VM.addr(GUS));
        membership.leaveCooperative();
    }

    /// @dev Eve, with her new key, is suspended after reply, appeal and a second vote; reinstated; in the end expelled.
    function _removal() internal {
        uint32 memberId = _id(EVE);
        Action[] memory actions = _action(
            address(membership),
            abi.encodeCall(IMembership.suspend, (memberId, uint40(30 days)))
        );
        uint256 proposalId = _propose(BEN, actions, _hashed("why"));
        VM.prank(VM.addr(IDA));
        assembly_.reply(proposalId, "a reply");
        _pass(proposalId);
        assembly_.queue(proposalId);
        VM.prank(VM.addr(IDA));
        uint256 confirmation = assembly_.appeal(proposalId);
        _pass(confirmation);
        assembly_.execute(proposalId, actions, keccak256(bytes(_hashed("why"))));
        _warp(_now() + 30 days);
        membership.reinstate(memberId);
        _decide(address(membership), abi.encodeCall(IMembership.expel, (memberId)), _hashed("again"));
    }

    /// @dev One replacement of Eve's key meets the present key's objection; another one is carried out.
    function _recovery() internal {
        uint32 memberId = _id(EVE);
        bytes memory data = abi.encodeCall(IMembership.recover, (memberId, VM.addr(HAL)));
        uint256 proposalId = _propose(BEN, _action(address(membership), data), _hashed("not lost"));
        VM.prank(VM.addr(EVE));
        assembly_.object(proposalId);

        data = abi.encodeCall(IMembership.recover, (memberId, VM.addr(IDA)));
        proposalId = _propose(CLEO, _action(address(membership), data), _hashed("lost"));
        _pass(proposalId);
        _execute(proposalId, _action(address(membership), data), _hashed("lost"));
    }

    /// @dev Ballots that count, change, leave numbers out and are skipped; a withdrawal, a second call, a swing.
    function _ballots() internal {
        Rule memory rule = Founding.plainRule();
        (rule.secondCallDelay, rule.secondCallBps) = (2 days, 2_500);
        (rule.swingWindow, rule.swingCap) = (1 days, 2 days);
        _decide(address(bylaws), abi.encodeCall(IBylaws.setRule, (DecisionClass.Ordinary, rule)), "Second calls");
        uint256 withdrawn = _resolve(BEN);
        VM.prank(VM.addr(BEN));
        assembly_.cancel(withdrawn);

        uint256 proposalId = _resolve(ADA);
        _open(proposalId);
        Ballot memory spoken = _ballot(ADA, proposalId, Choice.For, 1);
        spoken.reason = unicode"Because it is right — ça va de soi";
        assembly_.castBallots(
            proposalId,
            bytes.concat(
                _entry(ADA, spoken),
                _entry(BEN, _ballot(BEN, proposalId, Choice.For, 3)),
                _entry(EVE, _ballot(EVE, proposalId, Choice.For, 1))
            )
        );
        _warp(assembly_.proposalDeadline(proposalId) - 1 hours);
        _vote(BEN, proposalId, Choice.Against, 4);
        _close(proposalId);

        proposalId = _propose(CLEO, new Action[](0), "Another resolution");
        _close(proposalId);
        _vote(ADA, proposalId, Choice.Abstain, 1);
    }

    /// @dev A role comes, changes and goes; one rate is voted on with ballots that count, change and are skipped.
    function _pay() internal {
        RoleTerms memory terms = RoleTerms({role: "cook", rate: 2_100, floor: 900, step: 5, maxChangeBps: 500});
        address target = address(payRates);
        _warp(_now() + 30 days);
        _decide(target, abi.encodeCall(IPayRates.addRole, (terms)), "A cook");
        _decide(target, abi.encodeCall(IPayRates.changeRole, ("cook", 950, 10, 700)), "A cook's bounds");
        _decide(target, abi.encodeCall(IPayRates.retireRole, (DRIVER)), "No driver");
        PayRule memory rule = Founding.payRule();
        rule.fillToRoll = true;
        _decide(target, abi.encodeCall(IPayRates.setPayRule, (rule)), "Fill to the roll");

        uint256 payVoteId = _openPayVote(ADA, WEAVER);
        _warp(payRates.payVote(payVoteId).opensAt + 1);
        PayBallot memory spoken = _payBallot(ADA, payVoteId, 33, 1);
        spoken.reason = "Rents rose";
        bytes memory packed = bytes.concat(
            _entry(ADA, spoken, 33),
            _entry(BEN, _payBallot(BEN, payVoteId, 31, 1), 31),
            _entry(BEN, _payBallot(CLEO, payVoteId, 30, 1), 30)
        );
        payRates.castPayBallots(payVoteId, packed);
        _payVote(CLEO, payVoteId, 2_050, 1);
        _payVote(CLEO, payVoteId, 2_060, 2);
        _warp(payRates.payVote(payVoteId).deadline + 1);
        payRates.closePayVote(payVoteId);
    }

    function _rules() internal {
        _decide(address(membership), abi.encodeCall(IMembership.setProbation, (1 days)), "A shorter probation");
    }
}
