// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GuardianList} from "../../contracts/interfaces/IMembership.sol";
import {Events} from "./Events.sol";
import {ADA, FAY, GUS, HAL} from "./Founding.sol";
import {VM, Vm} from "./Vm.sol";

/// @notice Every event of guardians with all its topics and data.
contract EventsGuardians is Events {
    GuardianList private list;
    bytes32 private listHash;

    function setUp() public override {
        super.setUp();
        list.needed = 1;
        list.salt = "salt";
        list.accounts.push(VM.addr(FAY));
        listHash = keccak256(abi.encode(uint32(1), list));
        VM.recordLogs();
    }

    function test_naming_guardians_is_logged() external {
        VM.prank(VM.addr(ADA));
        membership.setGuardians(listHash);

        bytes memory data = abi.encode(listHash, _now() + 7 days);
        _logged(_logs(1)[0], address(membership), "GuardiansNamed(uint32,bytes32,uint40)", abi.encode(1), data);
    }

    function test_a_recovery_by_guardians_is_logged_from_its_support_to_its_end() external {
        address roll = address(membership);
        _nameGuardians();
        _support(HAL);
        VM.prank(VM.addr(ADA));
        membership.cancelRecovery(VM.addr(HAL));
        _logged(_logs(3)[2], roll, "RecoveryCancelled(uint32)", abi.encode(1), "");
        _support(GUS);
        _warp(_now() + 7 days);
        VM.prank(VM.addr(GUS));
        membership.completeRecovery(1);

        Vm.Log[] memory logs = _logs(4);
        bytes memory supported = abi.encode(1, VM.addr(GUS), VM.addr(FAY));
        bytes memory recovered = abi.encode(1, VM.addr(ADA), VM.addr(GUS));
        bytes memory one = abi.encode(1, VM.addr(GUS));
        _logged(logs[0], roll, "RecoverySupported(uint32,address,address)", supported, "");
        _logged(logs[1], roll, "RecoveryStarted(uint32,address,uint40)", one, abi.encode(_now()));
        _logged(logs[2], roll, "RecoveryCompleted(uint32,address)", one, "");
        _logged(logs[3], roll, "KeyRecovered(uint32,address,address,uint16)", recovered, abi.encode(1));
    }

    function _nameGuardians() private {
        VM.prank(VM.addr(ADA));
        membership.setGuardians(listHash);
        _warp(_now() + 7 days);
        VM.getRecordedLogs();
    }

    function _support(uint256 newKey) private {
        VM.prank(VM.addr(FAY));
        membership.supportRecovery(1, VM.addr(newKey), list);
    }
}
