// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ExchangeHandler} from "./ExchangeHandler.sol";

/// @title What holds of the exchange after any sequence of calls
contract ExchangeInvariantsTest {
    ExchangeHandler private immutable HANDLER = new ExchangeHandler();

    /// @notice The test runner calls this contract's functions only.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(HANDLER);
    }

    /// @dev One function, since each would run sequences of its own.
    function invariant_whatIsHeldIsWhatIsOwed() external view {
        for (uint256 asset = 0; asset < 2; ++asset) {
            (uint256 held, uint256 balances, uint256 escrows) = HANDLER.funds(asset);
            require(held == balances + escrows, "holdings = balances + escrows");
        }
        require(HANDLER.agree(), "balances and escrows as in the books");
    }
}
