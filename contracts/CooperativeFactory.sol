// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ShortString, ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {IAssembly} from "./interfaces/IAssembly.sol";
import {DecisionClass, IBylaws, Rule} from "./interfaces/IBylaws.sol";
import {BylawTerms, ICooperativeFactory, Instance} from "./interfaces/ICooperativeFactory.sol";
import {IMembership} from "./interfaces/IMembership.sol";
import {IPayRates, RoleTerms} from "./interfaces/IPayRates.sol";
import {BylawBounds} from "./modules/BylawBounds.sol";
import {PackedRule} from "./modules/PackedRule.sol";

/// @title CooperativeFactory
/// @notice See ICooperativeFactory.
contract CooperativeFactory is ICooperativeFactory {
    using PackedRule for Rule;

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
        bytes32 bylawsHash = keccak256(abi.encode(terms, roles));
        instance = _clone(name, terms.rules, _salt(name, founders, bylawsHash, nonce));
        _start(instance, founders, terms, roles);

        emit CooperativeCreated(
            instance.assembly_,
            instance.membership,
            instance.bylaws,
            instance.payRates,
            name,
            bylawsHash
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
        bytes32 salt = _salt(name, founders, keccak256(abi.encode(terms, roles)), nonce);
        bytes memory args = _nameArgument(name);
        instance.membership = Clones.predictDeterministicAddressWithImmutableArgs(MEMBERSHIP, args, salt);
        bytes memory rules = _rulesArguments(terms.rules);
        instance.bylaws = Clones.predictDeterministicAddressWithImmutableArgs(BYLAWS, rules, salt);
        bytes memory payArgs = _payRatesArguments(args, instance);
        instance.payRates = Clones.predictDeterministicAddressWithImmutableArgs(PAY_RATES, payArgs, salt);
        args = _assemblyArguments(args, instance);
        instance.assembly_ = Clones.predictDeterministicAddressWithImmutableArgs(ASSEMBLY, args, salt);
    }

    /// @inheritdoc ICooperativeFactory
    function implementations() external view returns (Instance memory) {
        return Instance({membership: MEMBERSHIP, bylaws: BYLAWS, assembly_: ASSEMBLY, payRates: PAY_RATES});
    }

    function _clone(string calldata name, Rule[7] calldata rules, bytes32 salt) private returns (Instance memory made) {
        bytes memory args = _nameArgument(name);
        made.membership = Clones.cloneDeterministicWithImmutableArgs(MEMBERSHIP, args, salt);
        made.bylaws = Clones.cloneDeterministicWithImmutableArgs(BYLAWS, _rulesArguments(rules), salt);
        bytes memory payArgs = _payRatesArguments(args, made);
        made.payRates = Clones.cloneDeterministicWithImmutableArgs(PAY_RATES, payArgs, salt);
        args = _assemblyArguments(args, made);
        made.assembly_ = Clones.cloneDeterministicWithImmutableArgs(ASSEMBLY, args, salt);
    }

    function _start(
        Instance memory instance,
        address[] calldata founders,
        BylawTerms calldata terms,
        RoleTerms[] calldata roles
    ) private {
        IMembership(instance.membership).initialize(instance.assembly_, terms.probation, founders);
        IBylaws(instance.bylaws).initialize(instance.assembly_, founders.length);
        IAssembly(instance.assembly_).initialize();
        IPayRates(instance.payRates).initialize(instance.assembly_, terms.currency, terms.payRule, roles);
    }

    // What the clones bear in their code. Nobody's arguments name the Assembly, whose address follows from them.

    /// @dev Reverts with ShortStrings' StringTooLong above 31 bytes.
    function _nameArgument(string calldata name) private pure returns (bytes memory) {
        if (bytes(name).length == 0) revert CooperativeFactoryNoName();
        return abi.encodePacked(ShortString.unwrap(ShortStrings.toShortString(name)));
    }

    function _rulesArguments(Rule[7] calldata rules) private pure returns (bytes memory words) {
        uint256[7] memory packed;
        for (uint256 i; i < packed.length; ++i) {
            Rule memory rule = rules[i];
            // Bylaws checks again what it begins with; here, a value that is too wide to be packed gets its name.
            BylawBounds.check(DecisionClass(i), rule);
            packed[i] = rule.pack();
        }
        return abi.encode(packed);
    }

    function _payRatesArguments(bytes memory name, Instance memory instance) private pure returns (bytes memory) {
        return abi.encodePacked(name, instance.membership);
    }

    function _assemblyArguments(bytes memory name, Instance memory instance) private pure returns (bytes memory) {
        return abi.encodePacked(name, instance.membership, instance.bylaws, instance.payRates);
    }

    /// @dev From all arguments: whoever takes the address makes the very same instance.
    function _salt(
        string calldata name,
        address[] calldata founders,
        bytes32 bylawsHash,
        uint256 nonce
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(name, founders, bylawsHash, nonce));
    }
}
