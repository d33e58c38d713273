// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What other contracts ask of the RoundsManager
interface IRoundsManager {
    /// @notice The round that the time of this block belongs to.
    function currentRound() external view returns (uint256);

    /// @notice Seconds in a round.
    function roundLength() external view returns (uint256);

    /// @notice Number of the round in which the contract was deployed.
    function firstRound() external view returns (uint256);

    /// @notice Timestamp at which the first round began.
    function startTime() external view returns (uint256);
}
