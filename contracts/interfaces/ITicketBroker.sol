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

    /// @notice Hands the books of a recipient's fees over and goes on with empty ones. Only the
    /// BondingManager may call it; the ether stays until {IBondingManager.takeFees}.
    /// @param recipient The orchestrator.
    /// @param boundary The creation round from which on fees are kept apart from now on.
    /// @return newest Fees of tickets created in the boundary until now or later.
    /// @return before Fees of tickets created in the round before it.
    /// @return earlier Fees of tickets created earlier.
    function collectFees(address recipient, uint256 boundary)
        external
        returns (uint256 newest, uint256 before, uint256 earlier);

    /// @notice What {collectFees} would hand over.
    /// @param recipient The orchestrator.
    function uncollectedFees(address recipient)
        external
        view
        returns (uint256 boundary, uint256 newest, uint256 before, uint256 earlier);
}
