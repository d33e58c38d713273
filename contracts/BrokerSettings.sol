// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Owned} from "./Owned.sol";

/// @title The parameters of a broker and its view of the rounds
abstract contract BrokerSettings is Owned {
    /// @dev One slot: all that a redemption asks besides the ticket's own accounts.
    struct Settings {
        uint64 lastInitializedRound;
        uint64 ticketValidityPeriod;
        uint64 unlockPeriod;
        bool paused;
    }

    Settings internal _settings;

    /// @dev Copies of the RoundsManager's block hashes; zero when a round was never initialized.
    mapping(uint256 round => bytes32 blockHash) internal _roundBlockHashes;

    /// @notice A parameter changed.
    event ParameterUpdate(string param);

    /// @notice The broker stopped.
    event SystemPaused();

    /// @notice The broker goes on.
    event SystemUnpaused();

    modifier whenSystemNotPaused() {
        require(!_settings.paused, "system is paused");
        _;
    }

    constructor(uint256 unlockPeriod_, uint256 ticketValidityPeriod_) {
        _setUnlockPeriod(unlockPeriod_);
        _setTicketValidityPeriod(ticketValidityPeriod_);
    }

    /// @notice Stops everything that moves funds, except the withdrawal of earned fees.
    function pause() external onlyOwner {
        _settings.paused = true;
        emit SystemPaused();
    }

    /// @notice Ends the pause.
    function unpause() external onlyOwner {
        _settings.paused = false;
        emit SystemUnpaused();
    }

    /// @notice Sets how many rounds pass between unlocking and withdrawing.
    /// @param period Rounds; unlocks under way keep their round.
    function setUnlockPeriod(uint256 period) external onlyOwner {
        _setUnlockPeriod(period);
    }

    /// @notice Sets for how many rounds a ticket is valid, its creation round included.
    /// @param period Rounds; at least 1. Above 2, fees of the oldest tickets are no longer divided by the
    /// stakes of their creation round, and delegators that have left may miss their part.
    function setTicketValidityPeriod(uint256 period) external onlyOwner {
        _setTicketValidityPeriod(period);
    }

    /// @notice Rounds between unlocking and withdrawing.
    function unlockPeriod() external view returns (uint256) {
        return _settings.unlockPeriod;
    }

    /// @notice Rounds for which a ticket is valid, its creation round included.
    function ticketValidityPeriod() external view returns (uint256) {
        return _settings.ticketValidityPeriod;
    }

    /// @notice Whether the broker is stopped.
    function paused() external view returns (bool) {
        return _settings.paused;
    }

    function _setUnlockPeriod(uint256 period) private {
        require(period <= type(uint32).max, "unlockPeriod is too large");
        _settings.unlockPeriod = uint64(period);
        emit ParameterUpdate("unlockPeriod");
    }

    function _setTicketValidityPeriod(uint256 period) private {
        require(period > 0, "ticketValidityPeriod must be greater than 0");
        require(period <= type(uint32).max, "ticketValidityPeriod is too large");
        _settings.ticketValidityPeriod = uint64(period);
        emit ParameterUpdate("ticketValidityPeriod");
    }
}
