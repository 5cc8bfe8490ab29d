// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PayVote, Role} from "../../../contracts/interfaces/IPayRates.sol";
import {CoopInvariants} from "./CoopInvariants.sol";
import {Cast, Post} from "./Ghost.sol";

/// @title PayInvariants
/// @notice What must hold of roles, rates and pay votes after any sequence of acts.
contract PayInvariants is CoopInvariants {
    function invariant_09_only_a_pay_vote_changes_a_rate() external looking {
        _noBreach(9, "somebody did what only a passed proposal may do");
        _same(payRates.payRuleVersion(), handler.payRules(), "version of the pay rule");
        _same(payRates.roles().length, handler.roleCount(), "roles ever");
        for (uint256 i; i < handler.roleCount(); ++i) {
            Post memory noted = handler.post(handler.posts(i));
            Role memory found = payRates.roleOf(handler.posts(i));
            _same(found.rate, noted.rate, "rate");
            _same(found.floor, noted.floor, "floor");
            _same(found.step, noted.step, "step");
            _same(found.maxChangeBps, noted.maxChangeBps, "largest change");
            _so(found.retired == noted.retired, "retired");
        }
    }

    function invariant_14_the_rungs_sum_to_the_members_who_cast() external looking {
        for (uint256 id = 1; id <= handler.payVotes(); ++id) {
            PayVote memory vote = payRates.payVote(id);
            uint256[] memory found = payRates.histogram(id);
            uint256[] memory counts = new uint256[](found.length);
            uint256 ballots;
            for (uint32 member = 1; member <= handler.people(); ++member) {
                Cast memory live = handler.payCastOf(id, member);
                if (!live.counted) continue;
                ++counts[live.choice];
                ++ballots;
            }
            _same(vote.ballots, ballots, "members who cast");
            for (uint256 rung; rung < found.length; ++rung) {
                _same(found[rung], counts[rung], "ballots on a rung");
            }
        }
    }

    function invariant_02_and_04_a_memberId_has_its_newest_pay_ballot_and_no_other() external looking {
        _noBreach(3, "a ballot counted, or refused, against the ghost's reading");
        for (uint256 id = 1; id <= handler.payVotes(); ++id) {
            PayVote memory vote = payRates.payVote(id);
            for (uint32 member = 1; member <= handler.people(); ++member) {
                Cast memory live = handler.payCastOf(id, member);
                (uint256 rate, uint8 epoch, uint8 sequence) = payRates.payBallotOf(id, member);
                _same(sequence, live.sequence, "sequence");
                if (!live.counted) continue;
                _same(rate, uint256(vote.from) + uint256(vote.step) * live.choice, "rate");
                _same(epoch, live.epoch, "epoch");
            }
        }
    }

    function invariant_15_a_pay_vote_ends_within_the_bounds_of_its_moment() external view {
        _noBreach(15, "a ladder or a result outside its bounds");
    }
}
