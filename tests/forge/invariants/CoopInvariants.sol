// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAssembly} from "../../../contracts/interfaces/IAssembly.sol";
import {IBylaws} from "../../../contracts/interfaces/IBylaws.sol";
import {IMembership} from "../../../contracts/interfaces/IMembership.sol";
import {IPayRates} from "../../../contracts/interfaces/IPayRates.sol";
import {Test} from "../Test.sol";
import {VM} from "../Vm.sol";
import {Handler} from "./Handler.sol";

/// @title CoopInvariants
/// @notice A co-op whose members and strangers do what the fuzzer chooses, and what the invariants look at.
abstract contract CoopInvariants is Test {
    /// @dev forge's shape: which functions of a contract the fuzzer may call.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Handler internal handler;
    IMembership internal membership;
    IBylaws internal bylaws;
    IAssembly internal assembly_;
    IPayRates internal payRates;

    /// @dev What the fuzzer has done is looked at, at the second of the last act.
    modifier looking() {
        VM.warp(handler.clock());
        VM.roll(handler.height());
        _;
    }

    function setUp() public {
        handler = new Handler();
        handler.setUp();
        membership = IMembership(handler.own(0));
        bylaws = IBylaws(handler.own(1));
        assembly_ = IAssembly(handler.own(2));
        payRates = IPayRates(handler.own(3));
    }

    /// @notice forge asks this.
    function targetContracts() external view returns (address[] memory all) {
        all = new address[](1);
        all[0] = address(handler);
    }

    /// @notice forge asks this.
    function targetSelectors() external view returns (FuzzSelector[] memory all) {
        all = new FuzzSelector[](1);
        all[0] = FuzzSelector({addr: address(handler), selectors: handler.acts()});
    }

    function _noBreach(uint256 number, string memory what) internal view {
        _same(handler.breaches(number), 0, what);
    }
}
