// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "./IERC20.sol";

/// @title The work token, as bonding uses it
interface IWorkToken is IERC20 {
    /// @notice Makes new tokens. Only a minter or the owner may.
    function mint(address to, uint256 amount) external;

    /// @notice Destroys tokens of the caller.
    function burn(uint256 amount) external;
}
