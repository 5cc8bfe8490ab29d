// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAssembly} from "../../contracts/interfaces/IAssembly.sol";
import {IMembership} from "../../contracts/interfaces/IMembership.sol";
import {IPayRates} from "../../contracts/interfaces/IPayRates.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, BEN, CLEO, DAN, EVE, FAY, HAL, WEAVER} from "./Founding.sol";
import {Ballot, PayBallot, Signing} from "./Signing.sol";
import {VM} from "./Vm.sol";
import {Vectors} from "./vectors/Vectors.sol";

/// @notice The contracts accept what eth-account and ethers make of Ballot, PayBallot and Rotation: digests and
/// signatures are constants, made for one chain id and for contracts at three fixed addresses.
contract SignedTypes is CoopTest {
    address private constant ASSEMBLY = 0xa55E000000000000000000000000000000000001;
    address private constant PAY_RATES = 0x9A70000000000000000000000000000000000002;
    address private constant MEMBERSHIP = 0x3E3B000000000000000000000000000000000003;
    uint40 private constant START = 1_767_225_600;

    function setUp() public override {
        VM.chainId(31_337);
        VM.warp(START);
        super.setUp();
        _rotate(DAN, HAL);
        assembly_ = IAssembly(_moved(address(assembly_), ASSEMBLY));
        payRates = IPayRates(_moved(address(payRates), PAY_RATES));
        _moved(address(membership), MEMBERSHIP);
    }

    function test_a_proposal_has_the_content_that_two_encoders_give() external {
        _same(assembly_.proposal(_resolve(ADA)).content, Vectors.RESOLUTION, "content");
    }

    function test_a_pay_vote_has_the_content_that_two_encoders_give() external {
        _same(payRates.payVote(_openPayVote(ADA, WEAVER)).content, Vectors.WEAVER, "content");
    }

    function test_ballots_signed_by_two_encoders_are_counted() external {
        uint256 proposalId = _resolve(ADA);
        _open(proposalId);
        string memory reason = unicode"Zu früh — ça va trop vite";
        _counts(_signed(1, 1, 0, 1, ""), Vectors.ADA_FOR_SIGNATURE_1);
        _counts(_signed(2, 0, 0, 3, reason), Vectors.BEN_AGAINST_SIGNATURE_1);
        _counts(_signed(3, 2, 0, 255, ""), Vectors.CLEO_ABSTAIN_SIGNATURE_1);
        _counts(_signed(4, 1, 1, 1, ""), Vectors.DAN_WITH_NEW_KEY_SIGNATURE_1);

        (uint256 no, uint256 yes, uint256 abstain) = assembly_.proposalVotes(proposalId);
        _so(no == 1 && yes == 2 && abstain == 1, "as they chose");
    }

    function test_pay_ballots_signed_by_two_encoders_are_counted() external {
        uint256 payVoteId = _openPayVote(ADA, WEAVER);
        _warp(START + 2 days + 1);
        PayBallot memory ada = _payBallot(ADA, payVoteId, 0, 1);
        PayBallot memory ben = _payBallot(BEN, payVoteId, 40, 2);
        ben.reason = "Rents rose";
        bytes memory packed = bytes.concat(
            Signing.entry(ada, 0, Vectors.ADA_LOWEST_RATE_SIGNATURE_1),
            Signing.entry(ben, 40, Vectors.BEN_HIGHEST_RATE_SIGNATURE_1)
        );

        _same(payRates.castPayBallots(payVoteId, packed), 2, "both are counted");
    }

    function test_a_rotation_signed_by_two_encoders_is_carried_out() external {
        IMembership(MEMBERSHIP).rotate(
            5,
            VM.addr(FAY),
            1_767_830_400,
            Vectors.EVE_TO_FAY_SIGNATURE_1,
            Vectors.EVE_TO_FAY_SIGNATURE_2
        );

        _same(IMembership(MEMBERSHIP).memberOf(5).account, VM.addr(FAY), "the new key");
    }

    /// @dev The tests' own encoder, which signs everywhere else, gives the same digests too.
    function test_a_third_encoder_gives_the_same_digests() external {
        _openPayVote(ADA, WEAVER);
        bytes32 own = _digest(_signed(1, 1, 0, 1, ""));
        _same(own, Vectors.ADA_FOR, "Ballot");
        _same(_digest(_payBallot(ADA, 1, 0, 1)), Vectors.ADA_LOWEST_RATE, "PayBallot");
        _same(Signing.long(ADA, own), Vectors.ADA_FOR_SIGNATURE_1, "signature");
        _same(Signing.long(CLEO, Vectors.CLEO_ABSTAIN), Vectors.CLEO_ABSTAIN_SIGNATURE_1, "abstain");
        _same(Signing.long(EVE, Vectors.EVE_TO_FAY), Vectors.EVE_TO_FAY_SIGNATURE_1, "Rotation");
    }

    /// @dev The same contract with the same storage at a fixed address, whatever the factory's way of deploying. The cheatcode
    /// copies what this transaction has touched, so in setUp only.
    function _moved(address from, address to) private returns (address) {
        VM.etch(to, from.code);
        VM.copyStorage(from, to);
        return to;
    }

    function _signed(
        uint32 memberId,
        uint8 choice,
        uint32 epoch,
        uint32 sequence,
        string memory reason
    ) private pure returns (Ballot memory) {
        return Ballot(1, Vectors.RESOLUTION, choice, memberId, epoch, sequence, reason);
    }

    function _counts(Ballot memory ballot, bytes memory signature) private {
        _same(assembly_.castBallots(1, Signing.entry(ballot, signature)), 1, "the ballot is counted");
    }
}
