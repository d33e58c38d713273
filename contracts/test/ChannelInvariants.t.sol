// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Channels} from "./ChannelFixture.sol";
import {ChannelHandler} from "./ChannelHandler.sol";

/// @title What holds of channels after any sequence of calls
contract ChannelInvariantsTest {
    ChannelHandler private immutable HANDLER = new ChannelHandler();

    /// @notice The test runner calls this contract's functions only.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(HANDLER);
    }

    /// @dev One function, since each would run sequences of its own.
    function invariant_everyUnitIsWhereItsPartiesAgreed() external view {
        uint256[2] memory held;
        for (uint256 i = 0; i < HANDLER.SIZE(); ++i) {
            Channels.Channel memory channel = HANDLER.balanceOf(i);
            held[i % 2] += channel.balance;
            (uint256 payer, uint256 payee) = (HANDLER.toPayer(i), HANDLER.toPayee(i));
            require(channel.committed <= channel.balance, "committed within the balance");
            require(
                payer + payee + channel.balance == HANDLER.deposited(i), "in = out + what is held"
            );
            require(payee == 0 || payee == HANDLER.agreed(i), "one signed quantity to the payee");
            require(payee == 0 || HANDLER.paidOut(i), "paid by a payout or a close");
            require(!(HANDLER.paidOut(i) && HANDLER.revoked(i)), "paid or revoked");
        }
        require(held[0] == HANDLER.holdings(false), "ether = balances");
        require(held[1] == HANDLER.holdings(true), "tokens = balances");
    }
}
