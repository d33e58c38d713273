// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Parts of amounts, rounded down
library Precise {
    /// @dev The whole, in the fixed point of factors.
    uint256 internal constant ONE = 1e27;

    /// @dev The whole, in the unit of shares: parts per million.
    uint256 internal constant PARTS = 1e6;

    /// @dev amount * numerator / denominator by way of a fraction of ONE; both divisions round down.
    function part(uint256 amount, uint256 numerator, uint256 denominator)
        internal
        pure
        returns (uint256)
    {
        if (numerator == denominator) return amount;
        return amount * (numerator * ONE / denominator) / ONE;
    }
}
