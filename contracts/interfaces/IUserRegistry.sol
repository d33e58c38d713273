// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What the exchange needs of the user registry
interface IUserRegistry {
    /// @notice Checks a bid of a wallet and sets its next nonce; a wallet that never registered has
    /// neither keys nor nonce, and nothing is checked.
    /// @param wallet Who signed the bid.
    /// @param key The communication key the bid names.
    /// @param nonce The nonce the bid names.
    /// @param next The bid's digest.
    function admit(address wallet, bytes32 key, bytes32 nonce, bytes32 next) external;
}
