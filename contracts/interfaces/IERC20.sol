// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The part of ERC-20 that bonding uses
interface IERC20 {
    /// @notice Tokens in existence.
    function totalSupply() external view returns (uint256);

    /// @notice Moves the caller's tokens.
    function transfer(address to, uint256 amount) external returns (bool);

    /// @notice Moves tokens within the caller's allowance.
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}
