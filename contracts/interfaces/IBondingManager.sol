// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What the TicketBroker and the ServiceRegistry ask of the BondingManager
interface IBondingManager {
    /// @notice Into how many equal parts a reserve is divided this round, as seen by one claimant.
    /// @param claimant The orchestrator that would claim.
    /// @return 0 when the claimant is not active this round, else the size of the pool at the
    /// start of the round. It does not change within a round.
    function reserveDivisor(address claimant) external view returns (uint256);

    /// @notice Takes fees of an account off the books, for the broker to pay them out. Only the
    /// TicketBroker may call it.
    /// @param account Whose fees.
    /// @param amount Wei; at most {pendingFees}.
    function takeFees(address account, uint256 amount) external;

    /// @notice What an account can withdraw in fees: its own as an orchestrator, and its part of
    /// those of every orchestrator it is or was bonded to. In wei.
    /// @param account The orchestrator or delegator.
    function pendingFees(address account) external view returns (uint256);

    /// @notice An orchestrator's shares as of a round, in parts per million; zeros when it had set
    /// none by then.
    /// @param transcoder The orchestrator.
    /// @param round The round; at most the next one is known.
    function sharesAt(address transcoder, uint256 round)
        external
        view
        returns (uint256 rewardCut, uint256 feeShare);
}
