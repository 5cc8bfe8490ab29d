// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rule} from "./IBylaws.sol";
import {PayRule, RoleTerms} from "./IPayRates.sol";

/// @dev All rules with which an instance starts.
struct BylawTerms {
    /// seconds that a candidate waits before admission
    uint32 probation;
    /// one a class, in the order of DecisionClass
    Rule[7] rules;
    /// three letters of ISO 4217
    bytes3 currency;
    PayRule payRule;
}

/// @dev One deployed co-op.
struct Instance {
    address membership;
    address bylaws;
    address assembly_;
    address payRates;
}

/// @title CooperativeFactory: makes an instance in one transaction
/// @notice The addresses follow from all arguments, so nobody can take them with other founders or rules.
/// After creation neither the factory nor its caller has any power over the instance.
interface ICooperativeFactory {
    /// @dev Thrown when the name of the co-op is empty.
    error CooperativeFactoryNoName();

    /// @notice An instance was made. `bylawsHash` = keccak256(abi.encode(terms, roles)).
    event CooperativeCreated(
        address indexed assembly_,
        address membership,
        address bylaws,
        address payRates,
        string name,
        bytes32 bylawsHash
    );

    /// @notice Makes and wires an instance.
    /// @param name 1 to 31 bytes: shown by wallets when a member signs (EIP-712 domain name).
    /// @param founders At least three accounts, each once.
    /// @param nonce Tells apart instances with the same arguments.
    function create(
        string calldata name,
        address[] calldata founders,
        BylawTerms calldata terms,
        RoleTerms[] calldata roles,
        uint256 nonce
    ) external returns (Instance memory instance);

    /// @notice Where `create` with these arguments puts the instance.
    function predict(
        string calldata name,
        address[] calldata founders,
        BylawTerms calldata terms,
        RoleTerms[] calldata roles,
        uint256 nonce
    ) external view returns (Instance memory instance);

    /// @notice The contracts that instances are clones of.
    function implementations() external view returns (Instance memory);
}
