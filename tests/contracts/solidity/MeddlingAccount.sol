// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice A contract account that, asked for its word, first tries to act on whoever asks or on others. It
/// says yes only if not one of its attempts succeeded: its ballot counts when the contracts held.
contract MeddlingAccount is IERC1271 {
    struct Attempt {
        address target;
        bytes data;
    }

    Attempt[] private _attempts;

    function tell(Attempt[] calldata attempts) external {
        delete _attempts;
        for (uint256 i; i < attempts.length; ++i) {
            _attempts.push(attempts[i]);
        }
    }

    /// @dev The attempts, when nobody asks: to see that they would do something.
    function tryNow() external returns (uint256 succeeded) {
        for (uint256 i; i < _attempts.length; ++i) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool success, ) = _attempts[i].target.call(_attempts[i].data);
            if (success) ++succeeded;
        }
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        for (uint256 i; i < _attempts.length; ++i) {
            // A call that the compiler does not take for a view is refused here just the same.
            if (_call(_attempts[i])) return bytes4(0xffffffff);
        }
        return IERC1271.isValidSignature.selector;
    }

    function _call(Attempt memory attempt) private view returns (bool) {
        function(Attempt memory) returns (bool) act = _act;
        function(Attempt memory) view returns (bool) asView;
        assembly {
            asView := act
        }
        return asView(attempt);
    }

    function _act(Attempt memory attempt) private returns (bool success) {
        // solhint-disable-next-line avoid-low-level-calls
        (success, ) = attempt.target.call{gas: 60_000}(attempt.data);
    }
}
