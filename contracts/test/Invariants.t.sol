// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BrokerHandler} from "./BrokerHandler.sol";

/// @title What holds after any sequence of calls
/// @dev The handler itself fails a sequence in which a call did not do what the rules say.
contract InvariantsTest {
    BrokerHandler private immutable HANDLER = new BrokerHandler();

    /// @notice The test runner calls this contract's functions only.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(HANDLER);
    }

    /// @dev One function, since each would run sequences of its own.
    function invariant_fundsMoveByTheRulesAlone() external view {
        uint256 fees = HANDLER.heldForRecipients();
        uint256 accounts = HANDLER.heldForSenders() + fees;
        require(HANDLER.balance() == accounts, "balance = deposits + reserves + fees");
        require(HANDLER.redeemed() == fees + HANDLER.paidOut(), "face values = fees ever earned");
        require(HANDLER.agree(), "deposits, reserves, unlocks, fees and divisors as in the books");
        require(HANDLER.claimsWithinShares(), "claims of a round are within their shares");
    }
}
