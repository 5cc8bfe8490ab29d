// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, ProposalState} from "../../../contracts/interfaces/IAssembly.sol";
import {Standing} from "../../../contracts/interfaces/IMembership.sol";
import {Ballot} from "../Signing.sol";
import {VM} from "../Vm.sol";
import {Cast, Motion} from "./Ghost.sol";
import {ProposalActs} from "./ProposalActs.sol";

/// @title BallotActs
/// @notice Ballots one by one and in batches, good and bad; the ghost says beforehand which ones count.
abstract contract BallotActs is ProposalActs {
    /// @notice A member casts or changes a ballot; in one of eight cases somebody casts for them.
    function cast(uint256 seed) external acting {
        uint256 proposalId = _pick(seed, ProposalState.Active);
        if (proposalId == 0) return;
        uint32 id = _anyone(seed >> 32);
        uint8 sequence = uint8(_casts[proposalId][id].sequence + (seed % 5) / 2);
        uint8 choice = uint8((seed >> 8) % 3);
        uint256 key = seed % 8 == 7 ? 0xBAD : _people[id].key;
        bool extension = _inExtension(proposalId);
        bool open = _isOpen(proposalId);
        VM.prank(VM.addr(key));
        try assembly_.castBallot(proposalId, id, Choice(choice), sequence, "") {
            if (!open || key == 0xBAD || !_countable(proposalId, id, choice, sequence, extension)) ++breaches[3];
            _noteCast(proposalId, id, choice, sequence);
            ++reached["cast"];
        } catch {
            _drop();
            if (open && key != 0xBAD && _countable(proposalId, id, choice, sequence, extension)) ++breaches[3];
        }
    }

    /// @notice Anyone carries up to five ballots: good, stale, by a wrong or an old key, of a wrong epoch, malformed.
    function castBatch(uint256 seed) external acting {
        uint256 proposalId = _pick(seed, ProposalState.Active);
        if (proposalId == 0) return;
        Ballot[] memory ballots = new Ballot[](1 + (seed % 5));
        bool[] memory signed = new bool[](ballots.length);
        bytes memory packed;
        for (uint256 i; i < ballots.length; ++i) {
            uint256 chance = uint256(keccak256(abi.encode(seed, i)));
            bytes memory entry;
            (ballots[i], signed[i], entry) = _signedBallot(proposalId, chance);
            packed = abi.encodePacked(packed, entry);
        }
        if (seed % 32 == 31) packed = abi.encodePacked(packed, uint8(1));
        _carry(proposalId, packed, ballots, signed, seed % 32 == 31);
    }

    /// @notice All members vote at once, mostly for: how proposals come to pass.
    function voteTogether(uint256 seed) external acting {
        uint256 proposalId = _pick(seed, ProposalState.Active);
        if (proposalId == 0) return;
        Ballot[] memory ballots = new Ballot[](people);
        bool[] memory signed = new bool[](people);
        bytes memory packed;
        for (uint32 id = 1; id <= people; ++id) {
            uint256 key = _people[id].key;
            uint8 choice = (seed >> id) % 8 == 0 ? 0 : 1;
            ballots[id - 1] = _fresh(proposalId, id, choice);
            signed[id - 1] = true;
            packed = abi.encodePacked(packed, _entry(key, ballots[id - 1]));
        }
        _carry(proposalId, packed, ballots, signed, false);
        ++reached["voted together"];
    }

    function _carry(
        uint256 proposalId,
        bytes memory packed,
        Ballot[] memory ballots,
        bool[] memory signed,
        bool truncated
    ) private {
        bool extension = _inExtension(proposalId);
        bool open = _isOpen(proposalId);
        VM.prank(address(0xCA44));
        try assembly_.castBallots(proposalId, packed) returns (uint256 counted) {
            if (!open || truncated) ++breaches[3];
            for (uint256 i; i < ballots.length; ++i) {
                Ballot memory one = ballots[i];
                uint8 sequence = uint8(one.sequence);
                if (!signed[i] || !_countable(proposalId, one.memberId, one.choice, sequence, extension)) {
                    ++reached["skipped"];
                    continue;
                }
                _noteCast(proposalId, one.memberId, one.choice, sequence);
                ++reached["carried"];
                --counted;
            }
            if (counted != 0) ++breaches[3];
        } catch {
            _drop();
            if (open && !truncated) ++breaches[3];
        }
    }

    /// @dev One entry and whether its signature is good.
    function _signedBallot(
        uint256 proposalId,
        uint256 chance
    ) private view returns (Ballot memory ballot, bool good, bytes memory entry) {
        uint32 id = _anyone(chance);
        ballot = _fresh(proposalId, id, uint8((chance >> 8) % 3));
        uint256 fault = chance % 10;
        uint256 key = _people[id].key;
        Ballot memory signedOne = _fresh(proposalId, id, ballot.choice);
        if (fault == 0) ballot.sequence = signedOne.sequence = ballot.sequence - 1;
        if (fault == 1) key = 0xBAD;
        if (fault == 2) key = _people[1 + (id % people)].key;
        if (fault == 3) ++signedOne.epoch;
        if (fault == 4) signedOne.proposalId = proposalId + 1;
        if (fault == 5) signedOne.choice = (ballot.choice + 1) % 3;
        if (fault == 6) ballot.memberId = signedOne.memberId = people + 1;
        if (fault == 7) ballot.choice = signedOne.choice = 3;
        good = fault == 0 || fault > 5;
        entry = _entryOf(ballot, signedOne, key);
    }

    /// @dev What travels may differ from what was signed.
    function _entryOf(Ballot memory sent, Ballot memory signedOne, uint256 key) private view returns (bytes memory) {
        bytes memory entry = _entry(key, signedOne);
        bytes memory head = abi.encodePacked(sent.choice, sent.memberId, uint8(sent.sequence));
        for (uint256 i; i < head.length; ++i) {
            entry[i] = head[i];
        }
        return entry;
    }

    function _fresh(uint256 proposalId, uint32 id, uint8 choice) private view returns (Ballot memory) {
        return
            Ballot({
                proposalId: proposalId,
                content: assembly_.proposal(proposalId).content,
                choice: choice,
                memberId: id,
                epoch: _people[id].epoch,
                sequence: _lastSequence(_casts[proposalId][id], id) + 1,
                reason: ""
            });
    }

    function _lastSequence(Cast memory live, uint32 id) internal view returns (uint8) {
        return live.counted && live.epoch == _people[id].epoch ? live.sequence : 0;
    }

    function _inExtension(uint256 proposalId) private view returns (bool) {
        Motion storage noted = _motions[proposalId];
        return clock <= noted.deadline && noted.extendedFrom != 0 && clock > noted.extendedFrom;
    }

    function _isOpen(uint256 proposalId) private view returns (bool) {
        return assembly_.state(proposalId) == ProposalState.Active;
    }

    /// @dev Whether a ballot with a good signature counts now: the ghost's reading of the rules.
    function _countable(
        uint256 proposalId,
        uint32 id,
        uint8 choice,
        uint8 sequence,
        bool extension
    ) private view returns (bool) {
        Motion storage noted = _motions[proposalId];
        if (choice > 2 || id == 0 || id > people || id == barred(proposalId)) return false;
        if (_people[id].standing != Standing.Active || _people[id].since > noted.opensAt) return false;
        if (sequence <= _lastSequence(_casts[proposalId][id], id)) return false;
        return !(extension && _casts[proposalId][id].counted);
    }

    function _noteCast(uint256 proposalId, uint32 id, uint8 choice, uint8 sequence) private {
        if (clock <= _motions[proposalId].opensAt || seatAt(id, _motions[proposalId].opensAt) == address(0)) {
            ++breaches[3];
        }
        if (_casts[proposalId][id].counted) {
            ++reached["changed"];
            if (_casts[proposalId][id].epoch != _people[id].epoch) ++reached["changed in a new epoch"];
        }
        _casts[proposalId][id] = Cast(true, choice, _people[id].epoch, sequence);
    }
}
