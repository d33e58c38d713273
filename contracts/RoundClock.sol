// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRoundsManager} from "./interfaces/IRoundsManager.sol";

/// @title Rounds counted by the timestamp
/// @notice Gives a contract the number of the current round without a call or a storage read.
/// @dev A round is a fixed number of seconds. Block counts are never used: they differ between chains.
abstract contract RoundClock {
    uint256 internal immutable FIRST_ROUND;
    uint256 internal immutable START_TIME;
    uint256 internal immutable ROUND_LENGTH;

    constructor(uint256 firstRound_, uint256 startTime_, uint256 roundLength_) {
        require(firstRound_ > 0, "first round must be greater than 0");
        require(roundLength_ > 0, "round length must be greater than 0");
        FIRST_ROUND = firstRound_;
        START_TIME = startTime_;
        ROUND_LENGTH = roundLength_;
    }

    function _currentRound() internal view returns (uint256) {
        return FIRST_ROUND + (block.timestamp - START_TIME) / ROUND_LENGTH;
    }
}
