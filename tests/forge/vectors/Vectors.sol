// SPDX-License-Identifier: Apache-2.0
// Written by encoders.py beside it: eth-account and ethers agree on every word.
pragma solidity 0.8.37;

/// @title Vectors
/// @notice What cases.json gives: contents, EIP-712 digests, and signatures (r, s, v).
library Vectors {
    bytes32 internal constant RESOLUTION = 0x88859375f1b2854ccf6d7fddfed4e2aaf6f5846dc96179f28744cd62e6ae6478;
    bytes32 internal constant WEAVER = 0x6df2ce47fa75071042d01b67167cac2daa24eb824d5a4347a2678aec1c987b2c;
    bytes32 internal constant ADA_FOR = 0xbbf2407ec153e464563cb6ed0897109e7b8745274fda9ea8b36eaeb0ccd3b17a;
    bytes internal constant ADA_FOR_SIGNATURE_1 =
        hex"06efb09934c2fe757d7ef420806d4b6df7069d7af63d12cf4bfc5f9983a2c7dc028a4285cee07c4888aa93adcf958b31d043d6465160bd9ff292dda9d60865b81b";
    bytes32 internal constant BEN_AGAINST = 0x8acd9ac16dbd28f418e81ab845ec9bebfc4c9da035acb09802bb26d47c96361b;
    bytes internal constant BEN_AGAINST_SIGNATURE_1 =
        hex"e79a9da3a33f53afc4ea634278cece32d64e5ae32bcb22f25b671e32dab7555b39d5e8a76b96f2110f6c24aaf1704a71f8843adae5fd077686c089f34cd583bd1b";
    bytes32 internal constant CLEO_ABSTAIN = 0x056e737d452c9cc29936d4ca2ff29e03fdfaf0582c1c7eb060255b1f3615bc07;
    bytes internal constant CLEO_ABSTAIN_SIGNATURE_1 =
        hex"d256c063eb8887e4205989ae906ef0e0d39837794fd5f726168f049c447e40eb62c571e91b135d563ac96c356c112da86d03b1ba9ba71689023f5a5f65628cdc1c";
    bytes32 internal constant DAN_WITH_NEW_KEY = 0x4b5b5f8f008ead10cda738ec9095913c17f283575fea37a591604d3dae59be6c;
    bytes internal constant DAN_WITH_NEW_KEY_SIGNATURE_1 =
        hex"d90e4a8989b334d2185b75596ec23b7fed4110d7111f2b0d19a232347cf21b990e855e4d9e562ce22396acfd80db6f635b8a7d6b0887e6b2e72e3b54c239434b1c";
    bytes32 internal constant ADA_LOWEST_RATE = 0x9cf3ea6933ba3323b3512a51fc43934cee7b8d360aff5c626952467c9263168e;
    bytes internal constant ADA_LOWEST_RATE_SIGNATURE_1 =
        hex"d3798187840d6ddf6c3cca23f553c09e0c834da31baf0f77d64fc067a0a1028f7679acd3e37ebc839496a674ab8009bb13d361b39ddda71a22c7f07eff9a99d21b";
    bytes32 internal constant BEN_HIGHEST_RATE = 0x29eefdb20c52c2ee96f9f735d6c1d3cf962f3e0a4dbf441b95533d992acfa578;
    bytes internal constant BEN_HIGHEST_RATE_SIGNATURE_1 =
        hex"da3bacedad2dd2fe8ba0594fa81e1182a6e58f008cb5e2b90d400cb3602f2b3c6dc81fa932dd18b10de5a97f78633fbcbe11b40fb84d0c4df647f0aff93c1a8b1b";
    bytes32 internal constant EVE_TO_FAY = 0x2629aa603ede860cbd1714a2733d63892092636ad3537898832385ccdd12c73f;
    bytes internal constant EVE_TO_FAY_SIGNATURE_1 =
        hex"bd556bb53089725950482f0880015eee5313fb8b5a1f39f977345727c3dd2c025596dcd47b439a68b01566bc96dd95ebc98bbda095685b75ebb96265fbcd39291c";
    bytes internal constant EVE_TO_FAY_SIGNATURE_2 =
        hex"04160c2ac2eb8e656c8c74b0f30a75fe68da0a15187364f0db11d3ccde0ff9c102fa57e7fdc98f482121c093bb7f893fa1ceff7e03d9eedcc2d8b51cb7f840891b";
}
