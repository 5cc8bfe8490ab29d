// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice} from "../../contracts/interfaces/IAssembly.sol";
import {Action} from "../../contracts/interfaces/IBylaws.sol";
import {VM} from "../forge/Vm.sol";
import {ProvenCoop} from "./ProvenCoop.sol";

/// @title ProvenVote
/// @notice An instance of three where a resolution in words is put to the vote.
abstract contract ProvenVote is ProvenCoop {
    uint256 internal constant OPENS_AT = START + 3 days;

    uint256 internal proposalId;

    function setUp() public virtual override {
        super.setUp();
        VM.prank(_account(1));
        proposalId = assembly_.propose(new Action[](0), "A resolution", uint40(OPENS_AT));
        VM.warp(OPENS_AT + 1);
    }

    function _cast(address caller, uint32 memberId, uint8 choice, uint8 sequence) internal returns (bool accepted) {
        VM.prank(caller);
        try assembly_.castBallot(proposalId, memberId, Choice(choice), sequence, "") {
            accepted = true;
        } catch {}
    }

    /// @dev Votes counted.
    function _counted() internal view returns (uint256) {
        (uint256 against, uint256 for_, uint256 abstain) = assembly_.proposalVotes(proposalId);
        return against + for_ + abstain;
    }

    /// @dev Votes counted of one choice.
    function _countedOf(uint8 choice) internal view returns (uint256) {
        (uint256 against, uint256 for_, uint256 abstain) = assembly_.proposalVotes(proposalId);
        if (choice == 0) return against;
        return choice == 1 ? for_ : abstain;
    }
}
