// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Assembly} from "../../contracts/Assembly.sol";
import {Bylaws} from "../../contracts/Bylaws.sol";
import {CooperativeFactory} from "../../contracts/CooperativeFactory.sol";
import {Membership} from "../../contracts/Membership.sol";
import {PayRates} from "../../contracts/PayRates.sol";
import {Rule} from "../../contracts/interfaces/IBylaws.sol";
import {BylawTerms, ICooperativeFactory, Instance} from "../../contracts/interfaces/ICooperativeFactory.sol";
import {PayRule, RoleTerms} from "../../contracts/interfaces/IPayRates.sol";
import {VM} from "./Vm.sol";

/// @dev Private keys of the people: ada to eve are the founders (memberIds 1 to 5), fay to jon are not.
uint256 constant ADA = 0xADA;
uint256 constant BEN = 0xBE4;
uint256 constant CLEO = 0xC1E0;
uint256 constant DAN = 0xDA4;
uint256 constant EVE = 0xE7E;
uint256 constant FAY = 0xFA7;
uint256 constant GUS = 0x605;
uint256 constant HAL = 0x4A1;
uint256 constant IDA = 0x1DA;
uint256 constant JON = 0x104;

bytes32 constant WEAVER = "weaver";
bytes32 constant CARER = "carer";
bytes32 constant DRIVER = "driver";

/// @title Founding
/// @notice The one place where the tests deploy: implementations, factory, and what an instance starts with.
library Founding {
    string internal constant NAME = "Weavers";
    /// @dev Whoever deploys has this account, so that every address is the same in every run.
    address internal constant DEPLOYER = address(0xDE9107E4);

    /// @notice Deploys the implementations and the factory; the same addresses whatever ran before.
    function factory() internal returns (ICooperativeFactory made) {
        VM.setNonce(DEPLOYER, 1);
        VM.startPrank(DEPLOYER);
        made = new CooperativeFactory(
            Instance({
                membership: address(new Membership()),
                bylaws: address(new Bylaws()),
                assembly_: address(new Assembly()),
                payRates: address(new PayRates())
            })
        );
        VM.stopPrank();
    }

    /// @notice Ada to eve.
    function founders() internal pure returns (address[] memory accounts) {
        accounts = new address[](5);
        uint256[5] memory keys = [ADA, BEN, CLEO, DAN, EVE];
        for (uint256 i; i < 5; ++i) {
            accounts[i] = VM.addr(keys[i]);
        }
    }

    /// @notice Simple majority with half of the roll present, for every class.
    function plainRule() internal pure returns (Rule memory) {
        return
            Rule({
                notice: 2 days,
                votingPeriod: 4 days,
                executionDelay: 1 days,
                grace: 10 days,
                secondCallDelay: 0,
                coolDown: 30 days,
                swingWindow: 0,
                swingCap: 0,
                quorumMin: 2,
                quorumBps: 5_000,
                secondCallBps: 0,
                maxAgainst: type(uint16).max,
                passNum: 1,
                passDen: 2,
                strict: true,
                basisRoll: false,
                presence: true,
                subjectVotes: false
            });
    }

    /// @notice The pay rule with which an instance starts.
    function payRule() internal pure returns (PayRule memory) {
        return
            PayRule({
                notice: 1 days,
                votingPeriod: 3 days,
                grace: 5 days,
                rest: 7 days,
                period: 365 days,
                ratioCap: 300,
                quorumMin: 2,
                quorumBps: 5_000,
                fillToRoll: false
            });
    }

    /// @notice All rules with which an instance starts.
    function terms() internal pure returns (BylawTerms memory all) {
        all.probation = 5 days;
        for (uint256 i; i < 7; ++i) {
            all.rules[i] = plainRule();
        }
        all.currency = "GBP";
        all.payRule = payRule();
    }

    /// @notice Three roles: weaver 2000, carer 2400 and driver 1800 an hour.
    function roles() internal pure returns (RoleTerms[] memory all) {
        all = new RoleTerms[](3);
        all[0] = RoleTerms({role: WEAVER, rate: 2_000, floor: 1_000, step: 10, maxChangeBps: 1_000});
        all[1] = RoleTerms({role: CARER, rate: 2_400, floor: 1_000, step: 10, maxChangeBps: 1_000});
        all[2] = RoleTerms({role: DRIVER, rate: 1_800, floor: 1_000, step: 10, maxChangeBps: 1_000});
    }
}
