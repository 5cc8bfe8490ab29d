// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAssembly, ProposalState} from "../../../contracts/interfaces/IAssembly.sol";
import {Action, DecisionClass, Rule} from "../../../contracts/interfaces/IBylaws.sol";
import {BylawTerms} from "../../../contracts/interfaces/ICooperativeFactory.sol";
import {Standing} from "../../../contracts/interfaces/IMembership.sol";
import {PayRule, RoleTerms} from "../../../contracts/interfaces/IPayRates.sol";
import {CoopTest} from "../CoopTest.sol";
import {Founding} from "../Founding.sol";
import {VM, Vm} from "../Vm.sol";

/// @dev A member from one moment on; the account is 0 while they are off the roll.
struct Seat {
    uint40 from;
    uint32 memberId;
    address account;
}

/// @dev What the ghost knows of a member, by the acts that succeeded.
struct Person {
    uint256 key;
    Standing standing;
    uint40 since;
    uint40 suspendedUntil;
    uint40 changedAt;
    uint16 epoch;
    uint16 memberships;
}

/// @dev A member's live ballot. `choice` is the rung in a pay vote.
struct Cast {
    bool counted;
    uint8 choice;
    uint16 epoch;
    uint8 sequence;
}

/// @dev A proposal by the ghost's own record.
struct Motion {
    DecisionClass class;
    uint40 proposedAt;
    uint40 opensAt;
    uint40 deadline;
    uint40 extendedFrom;
    uint40 queuedAt;
    uint32 version;
    uint32 proposer;
    uint32 subject;
    bool objected;
    bool executed;
    ProposalState last;
    uint256 confirmation;
    bytes32 ruleHash;
    string text;
}

/// @dev A role by the ghost's own record.
struct Post {
    bool retired;
    uint48 rate;
    uint48 floor;
    uint48 step;
    uint16 maxChangeBps;
}

/// @dev A rate from one moment on.
struct Rate {
    uint40 from;
    uint256 rate;
}

/// @title Ghost
/// @notice The model beside the contracts: written by the acts that succeeded, and by logs where the contract alone
/// decides (an extension, a second call). The chronicle is folded here anew.
// solhint-disable-next-line max-states-count
abstract contract Ghost is CoopTest {
    uint40 public clock;
    uint256 public height;
    mapping(address emitter => bytes32 head) public heads;

    uint32 public people;
    uint32[] internal _sizes;
    Seat[] internal _seats;
    mapping(uint32 memberId => Person) internal _people;
    mapping(address account => uint32 memberId) public idOf;
    mapping(address account => uint40 appliedAt) public applied;
    address[] public accounts;
    uint32 public probation;

    uint256 public motions;
    mapping(uint256 proposalId => Motion) internal _motions;
    mapping(uint256 proposalId => Action[]) internal _actions;
    mapping(uint256 proposalId => Rule) internal _rules;
    mapping(uint256 proposalId => mapping(uint32 memberId => Cast)) internal _casts;
    mapping(DecisionClass class => uint32 version) public versions;
    mapping(DecisionClass class => bytes32 ruleHash) public inForce;

    bytes32[] public posts;
    mapping(bytes32 role => Post) internal _posts;
    mapping(bytes32 role => Rate[]) internal _rates;
    uint32 public payRules;
    PayRule internal _payRule;
    uint256 public payVotes;
    mapping(uint256 payVoteId => mapping(uint32 memberId => Cast)) internal _payCasts;
    mapping(uint256 payVoteId => uint40 opensAt) public payOpensAt;

    uint256 public treasury;
    /// @dev What succeeded though the invariant of that number forbids it.
    mapping(uint256 invariantNumber => uint256 count) public breaches;
    /// @dev How often an act succeeded, by its name.
    mapping(bytes32 act => uint256 count) public reached;

    /// @dev Every act: on the ghost's clock, its logs folded.
    modifier acting() {
        VM.warp(clock);
        VM.roll(height);
        VM.recordLogs();
        _;
        _settle();
    }

    function setUp() public override {
        VM.recordLogs();
        factory = Founding.factory();
        BylawTerms memory terms = _terms();
        _found(terms, Founding.roles());
        (clock, height) = (_now(), VM.getBlockNumber());
        for (uint256 i; i < 4; ++i) {
            heads[_own(i)] = keccak256(abi.encodePacked(uint256(block.chainid), _own(i)));
        }
        _settle();
        uint256[5] memory founders = _voters();
        for (uint256 i; i < 5; ++i) {
            _enrol(founders[i]);
        }
        probation = terms.probation;
        for (uint8 i; i < 7; ++i) {
            _noteRule(DecisionClass(i), terms.rules[i]);
        }
        _notePayRule(Founding.payRule());
        RoleTerms[] memory roles = Founding.roles();
        for (uint256 i; i < roles.length; ++i) {
            _noteRole(roles[i]);
        }
    }

    /// @dev Resolutions and admissions have a second call, External a late swing: the fuzzer need not vote them in.
    function _terms() private pure returns (BylawTerms memory terms) {
        terms = Founding.terms();
        (terms.rules[0].secondCallDelay, terms.rules[0].secondCallBps) = (3 days, 1_000);
        (terms.rules[1].secondCallDelay, terms.rules[1].secondCallBps) = (3 days, 1_000);
        (terms.rules[6].swingWindow, terms.rules[6].swingCap) = (2 days, 4 days);
    }

    // Views for the invariants

    function person(uint32 memberId) external view returns (Person memory) {
        return _people[memberId];
    }

    function motion(uint256 proposalId) external view returns (Motion memory) {
        return _motions[proposalId];
    }

    function ruleOf(uint256 proposalId) external view returns (Rule memory) {
        return _rules[proposalId];
    }

    function castOf(uint256 proposalId, uint32 memberId) external view returns (Cast memory) {
        return _casts[proposalId][memberId];
    }

    function payCastOf(uint256 payVoteId, uint32 memberId) external view returns (Cast memory) {
        return _payCasts[payVoteId][memberId];
    }

    function post(bytes32 role) external view returns (Post memory) {
        return _posts[role];
    }

    function roleCount() external view returns (uint256) {
        return posts.length;
    }

    function accountCount() external view returns (uint256) {
        return accounts.length;
    }

    function seat(uint256 index) external view returns (Seat memory) {
        return _seats[index];
    }

    function seatCount() external view returns (uint256) {
        return _seats.length;
    }

    /// @notice The account with which a member was on the roll at a moment; 0 if they were not.
    function seatAt(uint32 memberId, uint256 moment) public view returns (address account) {
        for (uint256 i; i < _seats.length && _seats[i].from <= moment; ++i) {
            if (_seats[i].memberId == memberId) account = _seats[i].account;
        }
    }

    /// @notice How many were on the roll at a moment, leaving one member out.
    function sizeAt(uint256 moment, uint32 without) public view returns (uint256 size) {
        for (uint32 id = 1; id <= people; ++id) {
            if (id != without && seatAt(id, moment) != address(0)) ++size;
        }
    }

    /// @notice The member who has no vote on a proposal; 0 if everybody has one.
    function barred(uint256 proposalId) public view returns (uint32) {
        return _rules[proposalId].subjectVotes ? 0 : _motions[proposalId].subject;
    }

    // Notes

    function _own(uint256 index) internal view returns (address) {
        return [address(membership), address(bylaws), address(assembly_), address(payRates)][index];
    }

    function _enrol(uint256 key) internal {
        address account = VM.addr(key);
        uint32 id = idOf[account];
        if (id == 0) {
            id = ++people;
            _noteAccount(account, id);
        } else {
            _people[id].changedAt = clock;
        }
        ++_people[id].memberships;
        _people[id].key = key;
        _people[id].standing = Standing.Active;
        _people[id].since = clock;
        _seats.push(Seat({from: clock, memberId: id, account: account}));
    }

    function _noteAccount(address account, uint32 id) internal {
        idOf[account] = id;
        accounts.push(account);
    }

    function _offRoll(uint32 id) internal {
        _seats.push(Seat({from: clock, memberId: id, account: address(0)}));
        _people[id].changedAt = clock;
    }

    function _noteRule(DecisionClass class, Rule memory rule) internal {
        ++versions[class];
        inForce[class] = keccak256(abi.encode(rule));
    }

    function _notePayRule(PayRule memory rule) internal {
        ++payRules;
        _payRule = rule;
    }

    function _noteRole(RoleTerms memory terms) internal {
        posts.push(terms.role);
        _posts[terms.role] = Post(false, terms.rate, terms.floor, terms.step, terms.maxChangeBps);
        _rates[terms.role].push(Rate({from: clock, rate: terms.rate}));
    }

    // The chronicle

    function _settle() internal {
        Vm.Log[] memory logs = VM.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            _fold(logs[i]);
            if (logs[i].emitter == address(assembly_)) _read(logs[i]);
        }
    }

    /// @dev Of a call that failed: forge records also what it logged before it was undone.
    function _drop() internal {
        VM.getRecordedLogs();
    }

    function _fold(Vm.Log memory log) private {
        bytes memory folded = abi.encodePacked(log.topics.length);
        for (uint256 i; i < log.topics.length; ++i) {
            folded = abi.encodePacked(folded, log.topics[i]);
        }
        bytes32 inner = keccak256(abi.encodePacked(folded, log.data));
        bytes32 head = heads[log.emitter];
        heads[log.emitter] = keccak256(abi.encodePacked(head, uint64(height), uint64(clock), inner));
    }

    function _read(Vm.Log memory log) private {
        bool extended = log.topics[0] == IAssembly.ProposalExtended.selector;
        bool secondCall = log.topics[0] == IAssembly.SecondCallOpened.selector;
        if (!extended && !secondCall) return;
        Motion storage noted = _motions[uint256(log.topics[1])];
        if (secondCall) noted.extendedFrom = 0;
        else if (noted.extendedFrom == 0) noted.extendedFrom = noted.deadline;
        noted.deadline = uint40(abi.decode(log.data, (uint64)));
        ++reached[extended ? bytes32("extended") : bytes32("second call")];
    }
}
