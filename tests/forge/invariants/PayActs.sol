// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PayVote, PayVoteState} from "../../../contracts/interfaces/IPayRates.sol";
import {Standing} from "../../../contracts/interfaces/IMembership.sol";
import {PayBallot} from "../Signing.sol";
import {VM} from "../Vm.sol";
import {BallotActs} from "./BallotActs.sol";
import {Cast, Post, Rate} from "./Ghost.sol";

/// @title PayActs
/// @notice Pay votes: called, voted in, closed; each result is judged by the ghost's own reading of the bounds.
abstract contract PayActs is BallotActs {
    /// @notice A member, or in one of sixteen cases somebody else, calls a vote on a role.
    function openPayVote(uint256 seed) external acting {
        bytes32 role = posts[(seed >> 8) % posts.length];
        uint32 id = _anyone(seed);
        VM.prank(seed % 16 == 0 ? address(0xBAD) : VM.addr(_people[id].key));
        try payRates.openPayVote(role, clock + 1 days) returns (uint256 payVoteId) {
            if (seed % 16 == 0 || _people[id].standing != Standing.Active || _posts[role].retired) ++breaches[9];
            PayVote memory vote = payRates.payVote(payVoteId);
            (payVotes, payOpensAt[payVoteId]) = (payVoteId, vote.opensAt);
            uint256 present = vote.from + uint256(vote.step) * vote.presentRung;
            bool fair = vote.rungs <= 256 && vote.presentRung < vote.rungs && present == _posts[role].rate;
            if (!fair || vote.step != _posts[role].step) ++breaches[15];
            ++reached["pay vote opened"];
        } catch {
            _drop();
        }
    }

    /// @notice A member casts or changes a pay ballot; in one of eight cases somebody casts for them.
    function castPay(uint256 seed) external acting {
        uint256 payVoteId = _pickPay(seed, PayVoteState.Open);
        if (payVoteId == 0) return;
        PayVote memory vote = payRates.payVote(payVoteId);
        uint32 id = _anyone(seed >> 32);
        uint8 rung = uint8((seed >> 8) % vote.rungs);
        uint256 rate = vote.from + uint256(rung) * vote.step;
        uint8 sequence = uint8(_payCasts[payVoteId][id].sequence + (seed % 5) / 2);
        bool may = seed % 8 != 7 && _payCountable(payVoteId, id, sequence);
        VM.prank(seed % 8 == 7 ? address(0xBAD) : VM.addr(_people[id].key));
        try payRates.castPayBallot(payVoteId, id, rate, sequence, "") {
            if (!may) ++breaches[3];
            _notePayCast(payVoteId, id, rung, sequence);
            ++reached["pay cast"];
        } catch {
            _drop();
            if (may) ++breaches[3];
        }
    }

    /// @notice Anyone carries the ballots of all members; one in eight is signed by another key, one of eight is old.
    function castPayTogether(uint256 seed) external acting {
        uint256 payVoteId = _pickPay(seed, PayVoteState.Open);
        if (payVoteId == 0 || payRates.payVoteState(payVoteId) != PayVoteState.Open) return;
        uint256 rungs = payRates.payVote(payVoteId).rungs;
        PayBallot[] memory ballots = new PayBallot[](people);
        uint8[] memory chosen = new uint8[](people);
        bytes memory packed;
        for (uint32 id = 1; id <= people; ++id) {
            uint256 chance = uint256(keccak256(abi.encode(seed, id)));
            chosen[id - 1] = uint8(chance % rungs);
            ballots[id - 1] = _payBallotOf(payVoteId, id, chosen[id - 1]);
            if (chance % 8 == 1 && ballots[id - 1].sequence > 1) --ballots[id - 1].sequence;
            uint256 key = _strange(seed, id) ? 0xBAD : _people[id].key;
            packed = abi.encodePacked(packed, _entry(key, ballots[id - 1], chosen[id - 1]));
        }
        _carryPay(payVoteId, packed, ballots, chosen, seed);
    }

    /// @notice Anyone closes a vote.
    function closePayVote(uint256 seed) external acting {
        uint256 payVoteId = _pickPay(seed, PayVoteState.Counting);
        if (payVoteId == 0) return;
        PayVote memory vote = payRates.payVote(payVoteId);
        VM.prank(address(0xBAD));
        try payRates.closePayVote(payVoteId) returns (uint256 result) {
            if (clock <= vote.deadline || vote.closed || _posts[vote.role].retired) ++breaches[15];
            if (!_withinBounds(vote.role, result)) ++breaches[15];
            if (result != _posts[vote.role].rate) {
                _posts[vote.role].rate = uint48(result);
                _rates[vote.role].push(Rate({from: clock, rate: result}));
                ++reached["rate changed"];
            }
            ++reached["pay vote closed"];
        } catch {
            _drop();
        }
    }

    /// @dev A good pay vote to act on: one in that state, by chance an earlier one; 0 if there is none at all.
    function _pickPay(uint256 seed, PayVoteState wanted) internal view returns (uint256 found) {
        for (uint256 id = payVotes; id != 0; --id) {
            if (payRates.payVoteState(id) != wanted) continue;
            found = id;
            if ((seed >> (id % 64)) % 3 != 0) return id;
        }
        if (found == 0 && payVotes != 0) found = 1 + ((seed >> 24) % payVotes);
    }

    function _carryPay(
        uint256 payVoteId,
        bytes memory packed,
        PayBallot[] memory ballots,
        uint8[] memory chosen,
        uint256 seed
    ) private {
        uint256 counted = payRates.castPayBallots(payVoteId, packed);
        for (uint256 i; i < ballots.length; ++i) {
            uint32 id = ballots[i].memberId;
            uint8 sequence = uint8(ballots[i].sequence);
            if (_strange(seed, id) || !_payCountable(payVoteId, id, sequence)) continue;
            _notePayCast(payVoteId, id, chosen[i], sequence);
            if (counted == 0) ++breaches[3];
            else --counted;
            ++reached["pay carried"];
        }
        if (counted != 0) ++breaches[3];
    }

    function _strange(uint256 seed, uint32 id) private pure returns (bool) {
        return (seed >> (id + 8)) % 8 == 0;
    }

    function _payBallotOf(uint256 payVoteId, uint32 id, uint8 rung) private view returns (PayBallot memory ballot) {
        PayVote memory vote = payRates.payVote(payVoteId);
        ballot.payVoteId = payVoteId;
        ballot.content = vote.content;
        ballot.rate = vote.from + uint256(rung) * vote.step;
        (ballot.memberId, ballot.epoch) = (id, _people[id].epoch);
        ballot.sequence = uint32(_lastSequence(_payCasts[payVoteId][id], id)) + 1;
    }

    function _payCountable(uint256 payVoteId, uint32 id, uint8 sequence) private view returns (bool) {
        if (payRates.payVoteState(payVoteId) != PayVoteState.Open) return false;
        if (_people[id].standing != Standing.Active || _people[id].since > payOpensAt[payVoteId]) return false;
        return sequence > _lastSequence(_payCasts[payVoteId][id], id);
    }

    function _notePayCast(uint256 payVoteId, uint32 id, uint8 rung, uint8 sequence) private {
        if (seatAt(id, payOpensAt[payVoteId]) == address(0)) ++breaches[3];
        if (_payCasts[payVoteId][id].counted) ++reached["pay changed"];
        _payCasts[payVoteId][id] = Cast(true, rung, _people[id].epoch, sequence);
    }

    /// @dev Floor before largest change before ratio, said as what must be true of the result.
    function _withinBounds(bytes32 role, uint256 result) private view returns (bool) {
        Post storage noted = _posts[role];
        uint256 earlier = _rateAt(role, clock - _payRule.period);
        uint256 most = (earlier * (10_000 + noted.maxChangeBps)) / 10_000;
        if (result < noted.floor || result * 10_000 < earlier * (10_000 - noted.maxChangeBps)) return false;
        if (result > most && result != noted.floor) return false;
        if (_payRule.ratioCap == 0) return true;
        (uint256 least, uint256 highest) = _others(role);
        // Out of the ratio only as far as a stronger bound demands: lower, or higher, was not allowed.
        bool tooHigh = least != 0 && result * 100 > least * _payRule.ratioCap;
        bool tooLow = result * _payRule.ratioCap < highest * 100;
        bool lowerBarred = result == noted.floor || (result - 1) * 10_000 < earlier * (10_000 - noted.maxChangeBps);
        if (tooHigh && tooLow) return true;
        return (!tooHigh || lowerBarred) && (!tooLow || result + 1 > most || _cramped(least, highest));
    }

    /// @dev The others break the cap among themselves: no rate keeps it to all of them.
    function _cramped(uint256 least, uint256 highest) private view returns (bool) {
        return (highest * 100 + _payRule.ratioCap - 1) / _payRule.ratioCap > (least * _payRule.ratioCap) / 100;
    }

    function _rateAt(bytes32 role, uint256 moment) private view returns (uint256 rate) {
        rate = _rates[role][0].rate;
        for (uint256 i; i < _rates[role].length && _rates[role][i].from <= moment; ++i) {
            rate = _rates[role][i].rate;
        }
    }

    function _others(bytes32 role) private view returns (uint256 least, uint256 most) {
        for (uint256 i; i < posts.length; ++i) {
            if (posts[i] == role || _posts[posts[i]].retired) continue;
            uint256 rate = _posts[posts[i]].rate;
            if (least == 0 || rate < least) least = rate;
            if (rate > most) most = rate;
        }
    }
}
