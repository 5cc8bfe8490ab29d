// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DecisionClass, Rule} from "../../contracts/interfaces/IBylaws.sol";
import {Events} from "./Events.sol";
import {Founding} from "./Founding.sol";
import {VM, Vm} from "./Vm.sol";

/// @notice The events of Bylaws and of the factory with all their topics and data.
contract EventsInstance is Events {
    string private constant RULE_SET =
        "RuleSet(uint8,uint32,(uint24,uint24,uint24,uint24,uint24,uint24,uint24,uint24,uint16,uint16,uint16,uint16,uint8,uint8,bool,bool,bool,bool))";

    function setUp() public override {
        VM.recordLogs();
        super.setUp();
    }

    function test_a_new_instance_logs_the_rule_of_every_class() external {
        Vm.Log[] memory logs = VM.getRecordedLogs();
        uint256 class;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter != address(bylaws)) continue;
            bytes memory data = abi.encode(1, Founding.plainRule());
            _logged(logs[i], address(bylaws), RULE_SET, abi.encode(class++), data);
        }
        _same(class, 7, "classes");
    }

    function test_a_new_rule_is_logged_with_its_version() external {
        VM.getRecordedLogs();
        Rule memory rule = Founding.plainRule();
        (rule.passNum, rule.passDen, rule.strict) = (2, 3, false);
        VM.prank(address(assembly_));
        bylaws.setRule(DecisionClass.External, rule);

        _logged(_logs(1)[0], address(bylaws), RULE_SET, abi.encode(6), abi.encode(2, rule));
    }

    function test_the_factory_logs_the_instance_as_its_last_word() external {
        Vm.Log[] memory logs = VM.getRecordedLogs();
        bytes32 hash = keccak256(abi.encode(Founding.terms(), Founding.roles()));
        bytes memory data = abi.encode(membership, bylaws, payRates, "Weavers", hash);
        _logged(
            logs[logs.length - 1],
            address(factory),
            "CooperativeCreated(address,address,address,address,string,bytes32)",
            abi.encode(assembly_),
            data
        );
    }
}
