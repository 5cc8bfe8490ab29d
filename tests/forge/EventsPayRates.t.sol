// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Refusal} from "../../contracts/interfaces/IAssembly.sol";
import {PayRule, RoleTerms} from "../../contracts/interfaces/IPayRates.sol";
import {Events} from "./Events.sol";
import {ADA, BEN, CARER, CLEO, DRIVER, Founding, WEAVER} from "./Founding.sol";
import {PayBallot} from "./Signing.sol";
import {VM, Vm} from "./Vm.sol";

/// @notice Every event of PayRates with all its topics and data.
contract EventsPayRates is Events {
    string private constant PAY_RULE_SET =
        "PayRuleSet(uint32,(uint24,uint24,uint24,uint24,uint32,uint16,uint16,uint16,bool))";
    string private constant PAY_VOTE_OPENED =
        "PayVoteOpened(uint256,bytes32,uint32,uint32,uint40,uint40,uint48,uint48,uint16,uint8,bytes32)";
    string private constant PAY_BALLOT_CAST = "PayBallotCast(uint256)";
    string private constant PAY_BALLOT_CAST_WITH_REASON = "PayBallotCastWithReason(uint256,string)";

    address private pay;

    function setUp() public override {
        VM.recordLogs();
        super.setUp();
        pay = address(payRates);
    }

    function test_a_new_instance_logs_pay_rule_currency_and_roles() external {
        Vm.Log[] memory logs = _of(VM.getRecordedLogs());
        _same(logs.length, 8, "number of logs");
        _logged(logs[0], pay, PAY_RULE_SET, "", abi.encode(1, Founding.payRule()));
        _logged(logs[1], pay, "CurrencySet(bytes3)", "", abi.encode(bytes3("GBP")));
        bytes32[3] memory roles = [WEAVER, CARER, DRIVER];
        uint16[3] memory rates = [2_000, 2_400, 1_800];
        for (uint256 i; i < 3; ++i) {
            bytes memory bounds = abi.encode(1_000, 10, 1_000);
            _logged(logs[2 + 2 * i], pay, "RoleAdded(bytes32,uint48,uint48,uint16)", abi.encode(roles[i]), bounds);
            _logged(
                logs[3 + 2 * i],
                pay,
                "RateSet(bytes32,uint48,uint256)",
                abi.encode(roles[i]),
                abi.encode(rates[i], 0)
            );
        }
    }

    function test_a_role_added_changed_and_retired_is_logged() external {
        VM.getRecordedLogs();
        VM.startPrank(address(assembly_));
        payRates.addRole(RoleTerms({role: "cook", rate: 2_100, floor: 900, step: 5, maxChangeBps: 500}));
        payRates.changeRole("cook", 950, 7, 600);
        payRates.retireRole("cook");
        VM.stopPrank();

        bytes memory cook = abi.encode(bytes32("cook"));
        Vm.Log[] memory logs = _logs(4);
        _logged(logs[0], pay, "RoleAdded(bytes32,uint48,uint48,uint16)", cook, abi.encode(900, 5, 500));
        _logged(logs[1], pay, "RateSet(bytes32,uint48,uint256)", cook, abi.encode(2_100, 0));
        _logged(logs[2], pay, "RoleChanged(bytes32,uint48,uint48,uint16)", cook, abi.encode(950, 7, 600));
        _logged(logs[3], pay, "RoleRetired(bytes32)", cook, "");
    }

    function test_a_new_pay_rule_is_logged_with_its_version() external {
        VM.getRecordedLogs();
        PayRule memory rule = Founding.payRule();
        (rule.rest, rule.fillToRoll) = (3 days, true);
        VM.prank(address(assembly_));
        payRates.setPayRule(rule);

        _logged(_logs(1)[0], pay, PAY_RULE_SET, "", abi.encode(2, rule));
    }

    function test_a_pay_vote_is_logged_when_it_is_called() external {
        VM.getRecordedLogs();
        uint256 start = _now();
        _openPayVote(BEN, WEAVER);

        bytes memory question = abi.encode(1, start + 2 days, start + 5 days, 1_800, 10, 41, 20);
        bytes32 content = keccak256(bytes.concat(abi.encode(block.chainid, pay, 1, WEAVER), question));
        bytes memory data = bytes.concat(abi.encode(2), question, content);
        _logged(_logs(1)[0], pay, PAY_VOTE_OPENED, abi.encode(1, WEAVER), data);
    }

    function test_direct_and_signed_pay_ballots_and_skipped_ones_are_logged() external {
        uint256 payVoteId = _openPayVote(ADA, WEAVER);
        _warp(_now() + 2 days + 1);
        PayBallot memory spoken = _payBallot(BEN, payVoteId, 33, 9);
        spoken.reason = "Rents rose";
        bytes memory packed = bytes.concat(_entry(BEN, spoken, 33), _entry(BEN, _payBallot(CLEO, payVoteId, 1, 4), 1));
        VM.getRecordedLogs();
        _payVote(ADA, payVoteId, 1_990, 3);
        payRates.castPayBallots(payVoteId, packed);

        Vm.Log[] memory logs = _logs(3);
        // payVoteId in 32 bits, memberId in 32, sequence in 8, rate in 48
        _logged(logs[0], pay, PAY_BALLOT_CAST, "", abi.encode(0x00000001_00000001_03_0000000007c6));
        bytes memory second = abi.encode(0x00000001_00000002_09_000000000852, "Rents rose");
        _logged(logs[1], pay, PAY_BALLOT_CAST_WITH_REASON, "", second);
        bytes memory skipped = abi.encode(3, 4, Refusal.BadSignature);
        _logged(logs[2], pay, "PayBallotSkipped(uint256,uint32,uint8,uint8)", abi.encode(1), skipped);
    }

    function test_a_closed_pay_vote_and_the_new_rate_are_logged() external {
        uint256 payVoteId = _openPayVote(ADA, WEAVER);
        _warp(_now() + 2 days + 1);
        _payVote(ADA, payVoteId, 2_200, 1);
        _payVote(BEN, payVoteId, 2_100, 1);
        _warp(_now() + 3 days);
        VM.getRecordedLogs();
        payRates.closePayVote(payVoteId);

        Vm.Log[] memory logs = _logs(2);
        bytes memory closed = abi.encode(2, 1, 2_100, 2_100);
        _logged(logs[0], pay, "PayVoteClosed(uint256,uint256,uint256,uint256,uint256)", abi.encode(1), closed);
        _logged(logs[1], pay, "RateSet(bytes32,uint48,uint256)", abi.encode(WEAVER), abi.encode(2_100, 1));
    }

    /// @dev Only the logs of PayRates, in their order.
    function _of(Vm.Log[] memory logs) private view returns (Vm.Log[] memory own) {
        own = new Vm.Log[](logs.length);
        uint256 count;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter == pay) own[count++] = logs[i];
        }
        assembly ("memory-safe") {
            mstore(own, count)
        }
    }
}
