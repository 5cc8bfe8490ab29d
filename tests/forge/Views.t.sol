// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {Choice, IAssembly} from "../../contracts/interfaces/IAssembly.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, BEN, EVE, Founding, HAL} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice What the contracts answer when they are asked.
contract Views is CoopTest {
    function test_the_assembly_tells_its_name_and_its_bylaws() external view {
        _same(bytes(assembly_.name()), bytes("Weavers"), "name");
        _same(assembly_.bylaws(), address(bylaws), "bylaws");
    }

    function test_who_proposed_and_who_has_voted_is_told() external {
        uint256 proposalId = _resolve(BEN);
        _same(assembly_.proposalProposer(proposalId), VM.addr(BEN), "proposer");
        _open(proposalId);
        _vote(ADA, proposalId, Choice.For, 1);
        _so(assembly_.hasVoted(proposalId, VM.addr(ADA)), "ada has voted");
        _so(!assembly_.hasVoted(proposalId, VM.addr(EVE)), "eve has not");
        _so(!assembly_.hasVoted(proposalId, VM.addr(HAL)), "a stranger has not");
    }

    function test_the_quorum_is_half_of_five_rounded_up() external {
        uint256 proposalId = _resolve(ADA);
        _open(proposalId);
        _same(assembly_.proposalQuorum(proposalId), 3, "of the proposal");
        _same(assembly_.quorum(assembly_.proposalSnapshot(proposalId)), 3, "at its snapshot");
    }

    function test_nothing_is_told_of_a_proposal_that_never_was() external {
        bytes[9] memory questions = [
            abi.encodeCall(IAssembly.state, (1)),
            abi.encodeCall(IAssembly.proposal, (1)),
            abi.encodeCall(IAssembly.proposalSnapshot, (1)),
            abi.encodeCall(IAssembly.proposalDeadline, (1)),
            abi.encodeCall(IAssembly.proposalProposer, (1)),
            abi.encodeCall(IAssembly.proposalEta, (1)),
            abi.encodeCall(IAssembly.proposalVotes, (1)),
            abi.encodeCall(IAssembly.proposalQuorum, (1)),
            abi.encodeCall(IAssembly.hasVoted, (1, VM.addr(ADA)))
        ];
        bytes memory unknown = abi.encodeWithSelector(IAssembly.AssemblyUnknownProposal.selector, 1);
        for (uint256 i; i < 9; ++i) {
            _refused(VM.addr(ADA), address(assembly_), questions[i], unknown);
        }
    }

    function test_each_signing_contract_tells_its_domain() external view {
        address[3] memory signing = [address(assembly_), address(membership), address(payRates)];
        for (uint256 i; i < 3; ++i) {
            (
                bytes1 fields,
                string memory name,
                string memory version,
                uint256 chainId,
                address verifyingContract,
                bytes32 salt,
                uint256[] memory extensions
            ) = IERC5267(signing[i]).eip712Domain();
            _same(bytes32(fields), bytes32(hex"0f"), "fields");
            _same(bytes(name), bytes("Weavers"), "name");
            _same(bytes(version), bytes("1"), "version");
            _same(chainId, block.chainid, "chain");
            _same(verifyingContract, signing[i], "contract");
            _same(salt, bytes32(0), "salt");
            _same(extensions.length, 0, "extensions");
        }
    }

    function test_an_instance_stands_where_the_factory_foretold() external {
        bytes memory foretold = abi.encode(
            factory.predict(Founding.NAME, Founding.founders(), Founding.terms(), Founding.roles(), 9)
        );
        bytes memory made = abi.encode(
            factory.create(Founding.NAME, Founding.founders(), Founding.terms(), Founding.roles(), 9)
        );
        _same(made, foretold, "addresses");
    }
}
