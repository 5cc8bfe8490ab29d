// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ProposalInfo, ProposalState} from "../../../contracts/interfaces/IAssembly.sol";
import {Action, DecisionClass} from "../../../contracts/interfaces/IBylaws.sol";
import {Standing} from "../../../contracts/interfaces/IMembership.sol";
import {VM} from "../Vm.sol";
import {Effects} from "./Effects.sol";
import {Motion} from "./Ghost.sol";

/// @title ProposalActs
/// @notice Proposing, withdrawing, queueing, executing, and what the person concerned does.
abstract contract ProposalActs is Effects {
    /// @notice A member, or in one of sixteen cases anybody, proposes something of one of the classes.
    function propose(uint256 seed) external acting {
        (Action[] memory actions, string memory text) = _draft(seed);
        uint32 id = _anyone(seed >> 32);
        address proposer = seed % 16 == 0 ? address(0xBAD) : VM.addr(_people[id].key);
        VM.prank(proposer);
        try assembly_.propose(actions, text, clock + 2 days + uint40(seed % 2) * 1 days) returns (uint256 proposalId) {
            if (proposer == address(0xBAD) || _people[id].standing != Standing.Active) ++breaches[9];
            _noteMotion(proposalId, text);
            _motions[proposalId].proposer = id;
            for (uint256 i; i < actions.length; ++i) {
                _actions[proposalId].push(actions[i]);
            }
            ++reached["proposed"];
        } catch {
            _drop();
        }
    }

    /// @notice The proposer, or somebody else, withdraws.
    function cancel(uint256 seed) external acting {
        if (seed % 4 != 0) return;
        uint256 proposalId = _pick(seed, ProposalState.Pending);
        uint32 id = seed % 8 == 0 ? _motions[proposalId].proposer : _anyone(seed >> 8);
        VM.prank(VM.addr(_people[id].key));
        try assembly_.cancel(proposalId) {
            if (id != _motions[proposalId].proposer || clock > _motions[proposalId].opensAt) ++breaches[9];
            ++reached["canceled"];
        } catch {
            _drop();
        }
    }

    /// @notice Anyone starts the delay of a passed proposal.
    function queue(uint256 seed) external acting {
        uint256 proposalId = _pick(seed, ProposalState.Succeeded);
        VM.prank(address(0xBAD));
        try assembly_.queue(proposalId) {
            _motions[proposalId].queuedAt = clock;
            ++reached["queued"];
        } catch {
            _drop();
        }
    }

    /// @notice Anyone executes: as it was voted, with another text, with another action, or on other code.
    function execute(uint256 seed) external acting {
        uint256 proposalId = _pick(seed, ProposalState.Queued);
        if (proposalId == 0) return;
        Action[] memory actions = _actions[proposalId];
        bytes32 textHash = keccak256(bytes(_motions[proposalId].text));
        uint256 forgery = seed % 8;
        if (forgery == 0) textHash = keccak256("another text");
        if (forgery == 1 && actions.length != 0) actions[0].target = address(0xBAD);
        if (forgery == 2) actions = _action(address(0xBAD), "");
        if (forgery == 3 && actions.length != 0 && actions[0].target == SINK) VM.etch(SINK, hex"00");
        bool forged = forgery == 0 || forgery == 2 || (forgery == 1 && actions.length != 0) || SINK.code.length == 1;
        if (SINK.code.length == 1 && (actions.length == 0 || actions[0].target != SINK)) forged = forgery < 3;
        uint256 size = sizeAt(clock, 0);
        try assembly_.execute(proposalId, actions, textHash) {
            if (forged) ++breaches[8];
            _checkDue(proposalId);
            _carryOut(proposalId, size);
            ++reached["executed"];
        } catch {
            _drop();
        }
        VM.etch(SINK, hex"5b00");
    }

    /// @notice The person concerned replies, appeals or objects; in one of eight cases somebody else tries.
    function defend(uint256 seed) external acting {
        uint256 proposalId = _concerned(seed);
        if (proposalId == 0) return;
        Motion storage noted = _motions[proposalId];
        uint32 id = seed % 8 == 0 ? _anyone(seed >> 8) : noted.subject;
        address account = VM.addr(_people[id].key);
        if (noted.class == DecisionClass.Recovery && seed % 3 == 0) _object(proposalId, id, account);
        if (noted.class != DecisionClass.Removal) return;
        VM.prank(account);
        try assembly_.appeal(proposalId) returns (uint256 confirmation) {
            if (id != noted.subject) ++breaches[9];
            _noteMotion(confirmation, "");
            noted.confirmation = confirmation;
            ++reached["appealed"];
        } catch {
            _drop();
            _reply(proposalId, id, account);
        }
    }

    function _reply(uint256 proposalId, uint32 id, address account) private {
        VM.prank(account);
        try assembly_.reply(proposalId, keccak256("reply")) {
            if (id != _motions[proposalId].subject) ++breaches[9];
            ++reached["replied"];
        } catch {
            _drop();
        }
    }

    function _object(uint256 proposalId, uint32 id, address account) private {
        VM.prank(account);
        try assembly_.object(proposalId) {
            if (id != _motions[proposalId].subject) ++breaches[9];
            _motions[proposalId].objected = true;
            ++reached["objected"];
        } catch {
            _drop();
        }
    }

    function _noteMotion(uint256 proposalId, string memory text) private {
        ProposalInfo memory info = assembly_.proposal(proposalId);
        motions = proposalId;
        Motion storage noted = _motions[proposalId];
        noted.class = info.class;
        noted.version = info.ruleVersion;
        noted.subject = info.subjectId;
        (noted.proposedAt, noted.opensAt, noted.deadline) = (clock, info.opensAt, info.deadline);
        noted.text = text;
        _rules[proposalId] = bylaws.ruleOf(info.class, info.ruleVersion);
        noted.ruleHash = keccak256(abi.encode(_rules[proposalId]));
        // A confirming vote keeps the rule of what it confirms; the others take the one in force.
        if (info.confirms != 0) {
            if (noted.ruleHash != _motions[info.confirms].ruleHash) ++breaches[5];
        } else if (noted.ruleHash != inForce[info.class]) ++breaches[5];
    }

    /// @dev Notice, delay, appeal and objection by the ghost's record.
    function _checkDue(uint256 proposalId) private {
        Motion storage noted = _motions[proposalId];
        bool heard = noted.opensAt >= noted.proposedAt + 1 days && clock >= noted.queuedAt + 1 days;
        if (noted.confirmation != 0) heard = heard && _passed(noted.confirmation);
        if (noted.class == DecisionClass.Removal && !heard) ++breaches[11];
        if (noted.objected) ++breaches[12];
        if (noted.queuedAt == 0 || noted.executed) ++breaches[8];
        noted.executed = true;
    }

    /// @dev Whether more were for than against when its vote had ended.
    function _passed(uint256 proposalId) private view returns (bool) {
        uint256[3] memory votes;
        for (uint32 id = 1; id <= people; ++id) {
            if (_casts[proposalId][id].counted) ++votes[_casts[proposalId][id].choice];
        }
        return votes[1] > votes[0] && clock > _motions[proposalId].deadline;
    }

    /// @dev The newest Removal or Recovery that may still be carried out.
    function _concerned(uint256 seed) private view returns (uint256) {
        for (uint256 id = motions; id != 0; --id) {
            ProposalState state = assembly_.state(id);
            bool open = state <= ProposalState.Active || state == ProposalState.Queued;
            if (open && _motions[id].subject != 0 && (seed >> (id % 64)) % 4 != 0) return id;
        }
        return 0;
    }

    /// @dev A proposal in that state, by chance an earlier one; any if none is; 0 if there is none at all.
    function _pick(uint256 seed, ProposalState wanted) internal view returns (uint256 found) {
        for (uint256 id = motions; id != 0; --id) {
            if (assembly_.state(id) != wanted) continue;
            found = id;
            if ((seed >> (id % 64)) % 3 != 0) return id;
        }
        if (found == 0 && motions != 0) found = 1 + ((seed >> 24) % motions);
    }
}
