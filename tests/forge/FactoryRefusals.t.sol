// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DecisionClass, IBylaws, Rule} from "../../contracts/interfaces/IBylaws.sol";
import {IChronicle} from "../../contracts/interfaces/IChronicle.sol";
import {ICooperativeFactory} from "../../contracts/interfaces/ICooperativeFactory.sol";
import {IMembership} from "../../contracts/interfaces/IMembership.sol";
import {CoopTest} from "./CoopTest.sol";
import {Founding} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice Co-ops that are not made, and what a running one never does again.
contract FactoryRefusals is CoopTest {
    function test_a_coop_has_a_name() external {
        bytes memory noName = abi.encodeWithSelector(ICooperativeFactory.CooperativeFactoryNoName.selector);
        _notMade("", Founding.founders(), noName);
    }

    function test_three_to_fifty_people_found_a_coop() external {
        uint256[2] memory counts = [uint256(2), 51];
        for (uint256 i; i < 2; ++i) {
            address[] memory founders = new address[](counts[i]);
            for (uint256 j; j < counts[i]; ++j) {
                founders[j] = address(uint160(0xF0000 + j));
            }
            bytes memory wrong = abi.encodeWithSelector(IMembership.MembershipFounderCount.selector, counts[i]);
            _notMade("Carders", founders, wrong);
        }
    }

    function test_founders_are_different_people_with_accounts() external {
        address[2] memory wrong = [Founding.founders()[0], address(0)];
        for (uint256 i; i < 2; ++i) {
            address[] memory founders = Founding.founders();
            founders[4] = wrong[i];
            bytes memory taken = abi.encodeWithSelector(IMembership.MembershipAccountTaken.selector, wrong[i]);
            _notMade("Carders", founders, taken);
        }
    }

    function test_a_coop_begins_once() external {
        bytes memory call = abi.encodeCall(IMembership.initialize, (address(this), 0, Founding.founders()));
        bytes memory begun = abi.encodeWithSelector(IChronicle.ChronicleAlreadyBegun.selector);
        _refused(address(this), address(membership), call, begun);
    }

    function test_a_rule_that_never_was_is_not_told() external {
        uint32[2] memory versions = [uint32(0), 2];
        for (uint256 i; i < 2; ++i) {
            bytes memory call = abi.encodeCall(IBylaws.ruleOf, (DecisionClass.Ordinary, versions[i]));
            bytes memory unknown = abi.encodeWithSelector(
                IBylaws.BylawsUnknownRule.selector,
                DecisionClass.Ordinary,
                versions[i]
            );
            _refused(address(this), address(bylaws), call, unknown);
        }
    }

    /// @dev 13 bits a class: one version more would count as one of the next class.
    function test_a_class_has_at_most_8191_rules() external {
        bytes32 slot = bytes32(uint256(1));
        uint256 versions = uint256(VM.load(address(bylaws), slot));
        VM.store(address(bylaws), slot, bytes32(versions + (8189 << 160)));
        _same(bylaws.ruleVersion(DecisionClass.Ordinary), 8190, "as if there had been 8,190");
        Rule memory rule = Founding.plainRule();
        VM.prank(address(assembly_));
        bylaws.setRule(DecisionClass.Ordinary, rule);
        _same(bylaws.ruleVersion(DecisionClass.Ordinary), 8191, "the last");

        bytes memory call = abi.encodeCall(IBylaws.setRule, (DecisionClass.Ordinary, rule));
        bytes memory full = abi.encodeWithSelector(IBylaws.BylawsTooManyVersions.selector, DecisionClass.Ordinary);
        _refused(address(assembly_), address(bylaws), call, full);
        _same(bylaws.ruleVersion(DecisionClass.Admission), 1, "the next class is as it was");
    }

    function _notMade(string memory name, address[] memory founders, bytes memory error_) private {
        bytes memory call = abi.encodeCall(
            ICooperativeFactory.create,
            (name, founders, Founding.terms(), Founding.roles(), 99)
        );
        _refused(address(this), address(factory), call, error_);
    }
}
