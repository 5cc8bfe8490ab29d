// SPDX-License-Identifier: Apache-2.0
// Written by encoders.py beside it: eth-account and ethers agree on every word.
pragma solidity 0.8.37;

/// @title Vectors
/// @notice What cases.json gives: contents, EIP-712 digests, and signatures (r, s, v).
library Vectors {
    bytes32 internal constant RESOLUTION = 0x99988d019a08bf68fc32a1935de590c6c92ede979a34d421111531cee38289df;
    bytes32 internal constant WEAVER = 0x6df2ce47fa75071042d01b67167cac2daa24eb824d5a4347a2678aec1c987b2c;
    bytes32 internal constant ADA_FOR = 0xd545da04260e179cdeef3804613a3cbf9588aa680d9188969a06f02c1605e807;
    bytes internal constant ADA_FOR_SIGNATURE_1 =
        hex"e8987ef3326215d2d180c29b05d4727710f5af77d758ac3969a44eaf0ef606bd5176225715a9f48713ac822bb13866b628b4d2f5338adeef965e6292561e5e201b";
    bytes32 internal constant BEN_AGAINST = 0xd19e7fa47ca05671308e74f9a8677d95d3fb84922c95530bb559fb286751bd3f;
    bytes internal constant BEN_AGAINST_SIGNATURE_1 =
        hex"897a1c1dd8aeafbdc614199ce059002a7bf74d8667d1cd53b42c997de5b54e63557106d281894ed1421dac52aea4e17498f582d3dbf7e238eb6ba4eaa49f033e1c";
    bytes32 internal constant CLEO_ABSTAIN = 0x9e9ce0eb49d7139851fb9fc04e0bffed7d32202e62f8a74723f5679a481ec2d1;
    bytes internal constant CLEO_ABSTAIN_SIGNATURE_1 =
        hex"9161b4743e3f86f1863e40fb201883c1f870ee78d00d2580fd894696eba125834b2c9d08c176d1b9d58e8ec80e55950da69d57ea439ab570dc82a7c5cd06e96b1c";
    bytes32 internal constant DAN_WITH_NEW_KEY = 0x8ced9089286518947939fbc3b485eac17fec59cf2cad3a02a8ce5dd657a6fc6d;
    bytes internal constant DAN_WITH_NEW_KEY_SIGNATURE_1 =
        hex"ea6c725b2adf798b8cd5728d478e6f428205928af0e782d45866bf005d61a5f225e11f80145d1fd0597548a557b0663a7dd0b45bd7e4ee2d96ac3cf12878e21e1c";
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
