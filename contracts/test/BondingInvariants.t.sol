// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BondingHandler} from "./BondingHandler.sol";

/// @title What holds of stakes and fees after any sequence of calls
/// @dev The handler itself fails a sequence in which a call did not do what the rules say.
contract BondingInvariantsTest {
    BondingHandler private immutable HANDLER = new BondingHandler();

    /// @notice The test runner calls this contract's functions only.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(HANDLER);
    }

    /// @dev Subtractions below zero fail, so both gaps are never negative: nothing is promised that is
    /// not there. That they stay small says that nothing is lost but what rounding leaves.
    function invariant_stakesAndFeesAreWhatIsThere() external view {
        require(HANDLER.undistributed() <= HANDLER.dust(), "tokens = stakes + locks + dust");
        require(HANDLER.undivided() <= 1e6, "ether = deposits + fees + dust");
        require(HANDLER.feesAsOwed(), "fees by the stakes and shares of their tickets' round");
    }
}
