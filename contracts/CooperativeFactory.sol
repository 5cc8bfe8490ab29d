// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IAssembly} from "./interfaces/IAssembly.sol";
import {IBylaws} from "./interfaces/IBylaws.sol";
import {BylawTerms, ICooperativeFactory, Instance} from "./interfaces/ICooperativeFactory.sol";
import {IMembership} from "./interfaces/IMembership.sol";
import {IPayRates, RoleTerms} from "./interfaces/IPayRates.sol";

/// @title CooperativeFactory
/// @notice See ICooperativeFactory.
contract CooperativeFactory is ICooperativeFactory {
    address private immutable MEMBERSHIP;
    address private immutable BYLAWS;
    address private immutable ASSEMBLY;
    address private immutable PAY_RATES;

    constructor(Instance memory implementations_) {
        MEMBERSHIP = implementations_.membership;
        BYLAWS = implementations_.bylaws;
        ASSEMBLY = implementations_.assembly_;
        PAY_RATES = implementations_.payRates;
    }

    /// @inheritdoc ICooperativeFactory
    function create(
        string calldata name,
        address[] calldata founders,
        BylawTerms calldata terms,
        RoleTerms[] calldata roles,
        uint256 nonce
    ) external returns (Instance memory instance) {
        bytes32 salt = _salt(name, founders, terms, roles, nonce);
        instance = Instance({
            membership: Clones.cloneDeterministic(MEMBERSHIP, salt),
            bylaws: Clones.cloneDeterministic(BYLAWS, salt),
            assembly_: Clones.cloneDeterministic(ASSEMBLY, salt),
            payRates: Clones.cloneDeterministic(PAY_RATES, salt)
        });
        _wire(instance, name, founders, terms, roles);

        emit CooperativeCreated(
            instance.assembly_,
            instance.membership,
            instance.bylaws,
            instance.payRates,
            name,
            keccak256(abi.encode(terms, roles))
        );
    }

    /// @inheritdoc ICooperativeFactory
    function predict(
        string calldata name,
        address[] calldata founders,
        BylawTerms calldata terms,
        RoleTerms[] calldata roles,
        uint256 nonce
    ) external view returns (Instance memory instance) {
        bytes32 salt = _salt(name, founders, terms, roles, nonce);
        return
            Instance({
                membership: Clones.predictDeterministicAddress(MEMBERSHIP, salt),
                bylaws: Clones.predictDeterministicAddress(BYLAWS, salt),
                assembly_: Clones.predictDeterministicAddress(ASSEMBLY, salt),
                payRates: Clones.predictDeterministicAddress(PAY_RATES, salt)
            });
    }

    /// @inheritdoc ICooperativeFactory
    function implementations() external view returns (Instance memory) {
        return Instance({membership: MEMBERSHIP, bylaws: BYLAWS, assembly_: ASSEMBLY, payRates: PAY_RATES});
    }

    function _wire(
        Instance memory instance,
        string calldata name,
        address[] calldata founders,
        BylawTerms calldata terms,
        RoleTerms[] calldata roles
    ) private {
        IMembership(instance.membership).initialize(name, instance.assembly_, terms.probation, founders);
        IBylaws(instance.bylaws).initialize(instance.assembly_, terms.rules, founders.length);
        IAssembly(instance.assembly_).initialize(name, instance.membership, instance.bylaws, instance.payRates);
        IPayRates(instance.payRates).initialize(
            name,
            instance.membership,
            instance.assembly_,
            terms.currency,
            terms.payRule,
            roles
        );
    }

    /// @dev From all arguments: whoever takes the address makes the very same instance.
    function _salt(
        string calldata name,
        address[] calldata founders,
        BylawTerms calldata terms,
        RoleTerms[] calldata roles,
        uint256 nonce
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(name, founders, terms, roles, nonce));
    }
}
