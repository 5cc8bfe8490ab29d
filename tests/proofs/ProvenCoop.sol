// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Assembly} from "../../contracts/Assembly.sol";
import {Bylaws} from "../../contracts/Bylaws.sol";
import {CooperativeFactory} from "../../contracts/CooperativeFactory.sol";
import {Membership} from "../../contracts/Membership.sol";
import {PayRates} from "../../contracts/PayRates.sol";
import {IAssembly} from "../../contracts/interfaces/IAssembly.sol";
import {ICooperativeFactory, Instance} from "../../contracts/interfaces/ICooperativeFactory.sol";
import {IMembership} from "../../contracts/interfaces/IMembership.sol";
import {IPayRates} from "../../contracts/interfaces/IPayRates.sol";
import {Ordering} from "../contracts/solidity/Ordering.sol";
import {Founding} from "../forge/Founding.sol";
import {VM} from "../forge/Vm.sol";

/// @title ProvenCoop
/// @notice A real instance of three founders, made by the factory: accounts and clock are known numbers, so that
/// only what a proof is about is unknown.
abstract contract ProvenCoop {
    uint256 internal constant START = 1_767_225_600;
    uint32 internal constant ROLL = 3;

    IMembership internal membership;
    IAssembly internal assembly_;
    IPayRates internal payRates;

    function setUp() public virtual {
        VM.warp(START);
        ICooperativeFactory factory = new CooperativeFactory(
            Instance({
                membership: address(new Membership()),
                bylaws: address(new Bylaws()),
                assembly_: address(new Assembly()),
                payRates: address(new PayRates())
            })
        );
        address[] memory founders = new address[](ROLL);
        for (uint32 id = 1; id <= ROLL; ++id) {
            founders[id - 1] = _account(id);
        }
        Instance memory made = factory.create(Founding.NAME, founders, Founding.terms(), Founding.roles(), 0);
        membership = IMembership(made.membership);
        assembly_ = IAssembly(made.assembly_);
        payRates = IPayRates(made.payRates);
    }

    /// @dev As a passed proposal admits, as if its vote had opened just now.
    function _admit(address newcomer) internal returns (uint32 memberId) {
        bytes memory code = address(assembly_).code;
        VM.etch(address(assembly_), type(Ordering).runtimeCode);
        VM.prank(address(assembly_));
        memberId = membership.admit(newcomer);
        VM.etch(address(assembly_), code);
    }

    /// @dev The account of a founder.
    function _account(uint256 memberId) internal pure returns (address) {
        return address(uint160(0xF0000 + memberId));
    }
}
