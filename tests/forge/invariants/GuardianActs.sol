// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GuardianList, Standing} from "../../../contracts/interfaces/IMembership.sol";
import {VM} from "../Vm.sol";
import {Person} from "./Ghost.sol";
import {MemberActs} from "./MemberActs.sol";

/// @title GuardianActs
/// @notice Two members name guardians, of whom two of three suffice; these vouch for new keys, which take over.
abstract contract GuardianActs is MemberActs {
    /// @dev What guardians did for one new key, within one membership and for one present key of it.
    struct Vouching {
        /// bit i for guardian i
        uint256 voices;
        uint40 newestAt;
        /// when the second one vouched
        uint40 enoughAt;
    }

    uint40 private constant DELAY = 7 days;
    uint40 private constant MONTH = 30 days;
    uint256 private constant GUARDIAN = 0xE000;
    uint256 private constant NOBODYS_GUARDIAN = 3;

    /// @dev From when on a member's guardians are in force; 0 = there are none.
    mapping(uint32 memberId => uint40) private _guardedFrom;
    mapping(uint32 memberId => uint40) private _helpedAt;
    mapping(uint32 memberId => uint256) private _cancellations;
    mapping(bytes32 round => mapping(uint256 newKey => Vouching)) private _vouchings;

    /// @notice A member names guardians, always the same.
    function nameGuardians(uint256 seed) external acting {
        uint32 id = _ward(seed);
        bytes32 listHash = keccak256(abi.encode(id, _list()));
        VM.prank(VM.addr(_people[id].key));
        try membership.setGuardians(listHash) {
            if (!_isPresent(id)) ++breaches[18];
            if (!_guarded(id)) _guardedFrom[id] = clock + DELAY;
            ++reached["named"];
        } catch {
            _drop();
        }
    }

    /// @notice One guardian vouches, or two, or now and then somebody who is none.
    function vouch(uint256 seed) external acting {
        uint256 first = seed % 8 == 0 ? NOBODYS_GUARDIAN : seed % 3;
        _vouch(_ward(seed), first, _newKey(_ward(seed), seed));
        if (seed % 4 != 0) _vouch(_ward(seed), (first + 1) % 3, _newKey(_ward(seed), seed));
    }

    /// @notice The present key says no.
    function cancelRecovery(uint256 seed) external acting {
        uint32 id = _ward(seed);
        if (seed % 3 != 0) return;
        VM.prank(VM.addr(_people[id].key));
        try membership.cancelRecovery(VM.addr(_newKey(id, seed))) {
            ++_cancellations[id];
            ++reached["cancelled"];
        } catch {
            _drop();
        }
    }

    /// @notice A new key takes over, mostly one that enough guardians vouched for, whether or not it may yet.
    function completeRecovery(uint256 seed) external acting {
        for (uint256 i; seed % 4 != 0 && i < 4; ++i) {
            uint256 other = (i << 16) | ((i / 2) << 24);
            if (_vouchings[_round(_ward(other))][_newKey(_ward(other), other)].enoughAt != 0) seed = other;
        }
        uint32 id = _ward(seed);
        uint256 newKey = _newKey(id, seed);
        Vouching memory vouching = _vouchings[_round(id)][newKey];
        VM.prank(VM.addr(newKey));
        try membership.completeRecovery(id) {
            // Since the second voice the key was the same and its owner a member: for the whole delay it could say no.
            bool waited = vouching.enoughAt != 0 && clock >= vouching.enoughAt + DELAY;
            bool fresh = clock < vouching.newestAt + MONTH;
            bool rested = _helpedAt[id] == 0 || clock >= _helpedAt[id] + MONTH;
            if (!waited || !fresh || !rested || !_isPresent(id)) ++breaches[18];
            _helpedAt[id] = clock;
            _changeKey(id, newKey);
            ++reached["helped"];
        } catch {
            _drop();
        }
    }

    /// @notice A week goes by, or a second less.
    function waitForGuardians(uint256 seed) external acting {
        clock += DELAY - uint40(seed % 2);
        ++height;
    }

    /// @dev A waiting list goes with the key that named it, one in force stays.
    function _changeKey(uint32 id, uint256 newKey) internal override {
        if (!_guarded(id)) _guardedFrom[id] = 0;
        super._changeKey(id, newKey);
    }

    /// @dev A vote that replaces the key takes the guardians away.
    function _unguard(uint32 id) internal {
        _guardedFrom[id] = 0;
    }

    function _vouch(uint32 id, uint256 guardian, uint256 newKey) private {
        Vouching storage vouching = _vouchings[_round(id)][newKey];
        VM.prank(VM.addr(GUARDIAN + guardian));
        try membership.supportRecovery(id, VM.addr(newKey), _list()) {
            if (clock >= vouching.newestAt + MONTH) delete _vouchings[_round(id)][newKey];
            bool again = vouching.voices & (1 << guardian) != 0;
            if (guardian == NOBODYS_GUARDIAN || again || !_guarded(id) || !_isPresent(id)) ++breaches[18];
            if (vouching.voices != 0) vouching.enoughAt = clock;
            (vouching.voices, vouching.newestAt) = (vouching.voices | (1 << guardian), clock);
            ++reached["vouched"];
            // Or what fails next within the same act would drop this one's logs as well.
            _settle();
        } catch {
            _drop();
        }
    }

    /// @dev What was done before a cancellation, another key or another membership is void.
    function _round(uint32 id) private view returns (bytes32) {
        Person storage one = _people[id];
        return keccak256(abi.encode(id, one.epoch, one.memberships, _cancellations[id]));
    }

    function _guarded(uint32 id) private view returns (bool) {
        return _guardedFrom[id] != 0 && clock >= _guardedFrom[id];
    }

    function _isPresent(uint32 id) private view returns (bool) {
        return _people[id].standing == Standing.Active || _people[id].standing == Standing.Suspended;
    }

    /// @dev Two members are enough, and so few that a week's waiting leads somewhere.
    function _ward(uint256 seed) private pure returns (uint32) {
        return uint32(1 + ((seed >> 16) % 2));
    }

    /// @dev One of two keys that nobody has had.
    function _newKey(uint32 id, uint256 seed) private view returns (uint256) {
        return 0xA0000 + (uint256(_people[id].epoch) << 8) + id * 2 + ((seed >> 24) % 2);
    }

    function _list() private pure returns (GuardianList memory list) {
        (list.needed, list.salt, list.accounts) = (2, "salt", new address[](3));
        for (uint256 i; i < 3; ++i) {
            list.accounts[i] = VM.addr(GUARDIAN + i);
        }
        // In the order of the accounts.
        for (uint256 i; i < 3; ++i) {
            for (uint256 j; j < 2; ++j) {
                (address a, address b) = (list.accounts[j], list.accounts[j + 1]);
                if (a > b) (list.accounts[j], list.accounts[j + 1]) = (b, a);
            }
        }
    }
}
