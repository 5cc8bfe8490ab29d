// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Events} from "./Events.sol";
import {BEN, DAN, FAY, Founding, GUS, HAL} from "./Founding.sol";
import {VM, Vm} from "./Vm.sol";

/// @notice Every event of Membership with all its topics and data.
contract EventsMembership is Events {
    address private roll;

    function setUp() public override {
        VM.recordLogs();
        super.setUp();
        roll = address(membership);
        _takeOrdersAsNew();
    }

    function test_a_new_instance_logs_its_probation_and_its_founders() external {
        Vm.Log[] memory logs = VM.getRecordedLogs();
        _logged(logs[0], roll, "ProbationSet(uint32)", "", abi.encode(5 days));
        address[] memory founders = Founding.founders();
        for (uint256 i; i < 5; ++i) {
            _logged(logs[i + 1], roll, "MemberAdmitted(uint32,address)", abi.encode(i + 1, founders[i]), "");
        }
    }

    function test_a_new_probation_is_logged() external {
        VM.getRecordedLogs();
        VM.prank(address(assembly_));
        membership.setProbation(7 days);

        _logged(_logs(1)[0], roll, "ProbationSet(uint32)", "", abi.encode(7 days));
    }

    function test_an_application_its_withdrawal_and_an_admission_are_logged() external {
        VM.getRecordedLogs();
        VM.startPrank(VM.addr(FAY));
        membership.applyToJoin("first");
        membership.withdrawApplication();
        membership.applyToJoin("second");
        VM.stopPrank();
        _warp(_now() + 5 days);
        VM.prank(address(assembly_));
        membership.admit(VM.addr(FAY));

        bytes memory fay = abi.encode(VM.addr(FAY));
        Vm.Log[] memory logs = _logs(4);
        _logged(logs[0], roll, "CandidateApplied(address,bytes32)", fay, abi.encode(bytes32("first")));
        _logged(logs[1], roll, "CandidateWithdrew(address)", fay, "");
        _logged(logs[2], roll, "CandidateApplied(address,bytes32)", fay, abi.encode(bytes32("second")));
        _logged(logs[3], roll, "MemberAdmitted(uint32,address)", abi.encode(6, VM.addr(FAY)), "");
    }

    function test_leaving_and_coming_back_are_logged_under_the_same_number() external {
        VM.getRecordedLogs();
        VM.startPrank(VM.addr(BEN));
        membership.leaveCooperative();
        membership.applyToJoin("again");
        VM.stopPrank();
        _warp(_now() + 5 days);
        VM.prank(address(assembly_));
        membership.admit(VM.addr(BEN));

        Vm.Log[] memory logs = _logs(3);
        _logged(logs[0], roll, "MemberLeft(uint32)", abi.encode(2), "");
        _logged(logs[2], roll, "MemberAdmitted(uint32,address)", abi.encode(2, VM.addr(BEN)), "");
    }

    function test_suspension_reinstatement_and_expulsion_are_logged() external {
        VM.getRecordedLogs();
        VM.startPrank(address(assembly_));
        membership.suspend(3, 10 days);
        membership.reinstate(3);
        membership.expel(3);
        VM.stopPrank();

        Vm.Log[] memory logs = _logs(3);
        _logged(logs[0], roll, "MemberSuspended(uint32,uint40)", abi.encode(3), abi.encode(_now() + 10 days));
        _logged(logs[1], roll, "MemberReinstated(uint32)", abi.encode(3), "");
        _logged(logs[2], roll, "MemberExpelled(uint32)", abi.encode(3), "");
    }

    function test_a_changed_and_a_recovered_key_are_logged_with_their_epoch() external {
        VM.getRecordedLogs();
        _rotate(DAN, GUS);
        VM.prank(address(assembly_));
        membership.recover(4, VM.addr(HAL));

        Vm.Log[] memory logs = _logs(2);
        bytes memory changed = abi.encode(4, VM.addr(DAN), VM.addr(GUS));
        bytes memory recovered = abi.encode(4, VM.addr(GUS), VM.addr(HAL));
        _logged(logs[0], roll, "KeyRotated(uint32,address,address,uint16)", changed, abi.encode(1));
        _logged(logs[1], roll, "KeyRecovered(uint32,address,address,uint16)", recovered, abi.encode(2));
    }
}
