// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IChronicle} from "../../contracts/interfaces/IChronicle.sol";
import {Choice} from "../../contracts/interfaces/IAssembly.sol";
import {FAY, Founding} from "./Founding.sol";
import {Season} from "./Season.sol";
import {Ballot} from "./Signing.sol";
import {VM, Vm} from "./Vm.sol";

/// @notice The head of each contract is the fold of its logs, by a fold of the tests' own, all season long.
contract ChronicleTest is Season {
    mapping(address emitter => bytes32 head) private folded;
    mapping(address emitter => uint256 count) private logged;

    function setUp() public override {
        VM.recordLogs();
        factory = Founding.factory();
        _found(Founding.terms(), Founding.roles());
    }

    function test_after_a_whole_season_every_head_is_the_fold_of_all_logs() external {
        _season();
        _compare();

        _so(logged[address(membership)] >= 15, "Membership had much to say");
        _same(logged[address(bylaws)], 8, "Bylaws logged eight rules");
        _so(logged[address(assembly_)] >= 50, "the Assembly had much to say");
        _so(logged[address(payRates)] >= 15, "PayRates had much to say");
    }

    function test_the_heads_of_a_new_instance_are_the_fold_of_their_first_logs() external {
        _compare();
        _same(logged[address(bylaws)], 7, "seven rules");
        _same(logged[address(assembly_)], 0, "nothing was said yet");
    }

    /// @dev Any season that begins the same and has any number of ballots in one block, direct or in batches.
    function testFuzz_batches_of_any_ballots_are_folded(uint256 seed) external {
        uint256 proposalId = _resolve(_voters()[seed % 5]);
        _open(proposalId);
        for (uint256 i; i < 6; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            assembly_.castBallots(proposalId, _anyBatch(proposalId, dice));
            if (dice & 1 == 1) _warp(_now() + 1 hours);
        }
        _compare();
    }

    /// @dev One to six ballots of the five, of any choice and sequence, some with a reason, one in four unsigned.
    function _anyBatch(uint256 proposalId, uint256 dice) private view returns (bytes memory packed) {
        for (uint256 i; i <= dice % 6; ++i) {
            uint256 own = uint256(keccak256(abi.encode("ballot", dice, i)));
            uint256 key = _voters()[own % 5];
            Ballot memory ballot = _ballot(key, proposalId, Choice((own >> 8) % 3), uint8(own >> 16));
            if ((own >> 24) & 1 == 1) ballot.reason = string(new bytes((own >> 32) % 510));
            packed = bytes.concat(packed, _entry((own >> 48) & 3 == 0 ? FAY : key, ballot));
        }
    }

    /// @dev Logs carry neither block nor time, so they are folded before the clock moves.
    function _warp(uint256 second) internal override {
        _foldLogs();
        super._warp(second);
    }

    function _foldLogs() private {
        Vm.Log[] memory logs = VM.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            address from = logs[i].emitter;
            if (folded[from] == 0) folded[from] = keccak256(bytes.concat(bytes32(block.chainid), bytes20(from)));
            bytes memory topics;
            for (uint256 j; j < logs[i].topics.length; ++j) {
                topics = bytes.concat(topics, logs[i].topics[j]);
            }
            bytes32 inner = keccak256(bytes.concat(bytes32(logs[i].topics.length), topics, logs[i].data));
            bytes8 number = bytes8(uint64(VM.getBlockNumber()));
            folded[from] = keccak256(bytes.concat(folded[from], number, bytes8(uint64(_now())), inner));
            ++logged[from];
        }
    }

    function _compare() private {
        _foldLogs();
        address[4] memory all = [address(membership), address(bylaws), address(assembly_), address(payRates)];
        for (uint256 i; i < 4; ++i) {
            bytes32 head = folded[all[i]];
            if (head == 0) head = keccak256(bytes.concat(bytes32(block.chainid), bytes20(all[i])));
            _same(IChronicle(all[i]).chronicleHead(), head, "the chronicle's head");
        }
    }
}
