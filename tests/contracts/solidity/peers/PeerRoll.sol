// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721Votes} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721Votes.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title PeerRoll
/// @notice A roll as one builds it from OpenZeppelin's parts: a token that cannot be passed on, one a member,
/// minted by the owner (the timelock). A member delegates to themself at admission, else they have no vote.
contract PeerRoll is ERC721, EIP712, ERC721Votes, Ownable {
    error PeerRollSoulbound();

    uint256 private _last;

    constructor(address owner) ERC721("Peer", "PEER") EIP712("Peer", "1") Ownable(owner) {}

    /// @notice Makes an account a member who can vote at once.
    function admit(address account) external onlyOwner {
        _mint(account, ++_last);
        _delegate(account, account);
    }

    /// @notice Timepoints are seconds.
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    function _update(
        address to,
        uint256 tokenId,
        address auth
    ) internal override(ERC721, ERC721Votes) returns (address from) {
        from = super._update(to, tokenId, auth);
        if (from != address(0) && to != address(0)) revert PeerRollSoulbound();
    }

    function _increaseBalance(address account, uint128 amount) internal override(ERC721, ERC721Votes) {
        super._increaseBalance(account, amount);
    }
}
