// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What the TicketBroker asks of the BondingManager
interface IBondingManager {
    /// @notice Into how many equal parts a reserve is divided this round, as seen by one claimant.
    /// @param claimant The orchestrator that would claim.
    /// @return 0 when the claimant is not active this round, else the size of the pool at the
    /// start of the round. It does not change within a round.
    function reserveDivisor(address claimant) external view returns (uint256);
}
