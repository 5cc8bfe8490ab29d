// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, IAssembly} from "../../contracts/interfaces/IAssembly.sol";
import {Signatures} from "../../contracts/modules/Signatures.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, EVE} from "./Founding.sol";
import {Signing} from "./Signing.sol";
import {SigningAccount} from "./SigningAccount.sol";
import {VM} from "./Vm.sol";

/// @notice Ballots of a member whose account is a contract (ERC-1271).
contract ContractAccounts is CoopTest {
    uint256 private proposalId;

    function setUp() public override {
        super.setUp();
        VM.etch(VM.addr(EVE), address(new SigningAccount()).code);
        proposalId = _resolve(ADA);
        _open(proposalId);
    }

    function test_a_ballot_counts_that_the_members_contract_accepts() external {
        _same(assembly_.castBallots(proposalId, _eves("yes")), 1, "counted");
        (, uint256 votes, ) = assembly_.proposalVotes(proposalId);
        _same(votes, 1, "for");
    }

    function test_a_ballot_is_skipped_that_the_members_contract_does_not_accept() external {
        _same(assembly_.castBallots(proposalId, _eves("no")), 0, "counted");
    }

    /// @dev What is left at that moment depends on the compiler; what is needed does not.
    function test_a_batch_with_too_little_gas_to_ask_a_contract_counts_nothing() external {
        bytes memory call = abi.encodeCall(IAssembly.castBallots, (proposalId, _eves("yes")));
        // solhint-disable-next-line avoid-low-level-calls
        (bool ok, bytes memory answer) = address(assembly_).call{gas: 105_000}(call);

        _so(!ok, "it fails");
        _same(uint32(bytes4(answer)), uint32(Signatures.SignaturesTooLittleGas.selector), "for its gas");
        (uint256 left, uint256 needed) = abi.decode(_tail(answer), (uint256, uint256));
        _same(needed, 106_587, "what is needed");
        _so(left < needed, "less is left");
        _same(assembly_.castBallots(proposalId, _eves("yes")), 1, "with enough it counts");
    }

    function _eves(string memory signature) private view returns (bytes memory) {
        return Signing.entry(_ballot(EVE, proposalId, Choice.For, 1), bytes(signature));
    }

    function _tail(bytes memory answer) private pure returns (bytes memory values) {
        values = new bytes(answer.length - 4);
        for (uint256 i; i < values.length; ++i) {
            values[i] = answer[i + 4];
        }
    }
}
