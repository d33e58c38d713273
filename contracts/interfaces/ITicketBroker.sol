// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What the managers tell the TicketBroker
/// @dev A redemption reads rounds and registrations far more often than they change, so whoever
/// changes them writes them into the broker's own storage.
interface ITicketBroker {
    /// @notice A round has been initialized. Only the RoundsManager may say so.
    /// @param round The round.
    /// @param blockHash Its block hash.
    function roundInitialized(uint256 round, bytes32 blockHash) external;

    /// @notice An orchestrator has registered or left. Only the BondingManager may say so.
    /// @param recipient The orchestrator.
    /// @param registered Whether it may be paid.
    function setRegistered(address recipient, bool registered) external;
}
