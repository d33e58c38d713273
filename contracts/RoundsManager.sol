// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRoundsManager} from "./interfaces/IRoundsManager.sol";
import {ITicketBroker} from "./interfaces/ITicketBroker.sol";
import {RoundClock} from "./RoundClock.sol";

/// @title Rounds
/// @notice Divides time into rounds and fixes one block hash for each. Tickets name that hash, which
/// ties them to this chain and to a time.
contract RoundsManager is IRoundsManager, RoundClock {
    /// @notice The broker that is told of every round.
    ITicketBroker public immutable ticketBroker;

    /// @notice The newest round that was initialized; 0 before the first.
    uint256 public lastInitializedRound;

    /// @notice The block in which the newest round was initialized.
    uint256 public currentRoundStartBlock;

    /// @notice The block hash fixed for a round; zero when it was never initialized.
    mapping(uint256 round => bytes32 blockHash) public blockHashForRound;

    /// @notice A round was initialized.
    event NewRound(uint256 indexed round, bytes32 blockHash);

    /// @param roundLength_ Seconds in a round.
    /// @param firstRound_ Number of the round that begins with the deployment; at least 1.
    /// @param ticketBroker_ The broker that is told of every round.
    constructor(uint256 roundLength_, uint256 firstRound_, ITicketBroker ticketBroker_)
        RoundClock(firstRound_, block.timestamp, roundLength_)
    {
        ticketBroker = ticketBroker_;
    }

    /// @notice Initializes the current round with the hash of the block before this one. Anyone may
    /// call it, once a round.
    function initializeRound() external {
        uint256 round = _currentRound();
        require(lastInitializedRound != round, "round already initialized");
        bytes32 blockHash = blockhash(block.number - 1);
        lastInitializedRound = round;
        currentRoundStartBlock = block.number;
        blockHashForRound[round] = blockHash;
        ticketBroker.roundInitialized(round, blockHash);
        emit NewRound(round, blockHash);
    }

    /// @inheritdoc IRoundsManager
    function currentRound() external view returns (uint256) {
        return _currentRound();
    }

    /// @notice Whether {initializeRound} was called in the current round.
    function currentRoundInitialized() external view returns (bool) {
        return lastInitializedRound == _currentRound();
    }

    /// @notice Timestamp at which the current round began.
    function currentRoundStartTime() external view returns (uint256) {
        return START_TIME + (_currentRound() - FIRST_ROUND) * ROUND_LENGTH;
    }

    /// @inheritdoc IRoundsManager
    function roundLength() external view returns (uint256) {
        return ROUND_LENGTH;
    }

    /// @inheritdoc IRoundsManager
    function firstRound() external view returns (uint256) {
        return FIRST_ROUND;
    }

    /// @inheritdoc IRoundsManager
    function startTime() external view returns (uint256) {
        return START_TIME;
    }
}
