// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "../interfaces/IERC20.sol";

/// @title Ether and tokens in and out of a contract
/// @dev The null address stands for ether. Tokens that return nothing are taken for what they do.
library Funds {
    /// @dev Takes an amount from the caller and returns what arrived: a token may keep a fee.
    function take(address asset, uint256 amount) internal returns (uint256 received) {
        if (asset == address(0)) {
            require(msg.value == amount, "value is not the amount");
            return amount;
        }
        require(msg.value == 0, "value with a token");
        uint256 before = _held(asset);
        _call(asset, abi.encodeCall(IERC20.transferFrom, (msg.sender, address(this), amount)));
        return _held(asset) - before;
    }

    /// @dev Sends an amount; nothing for 0.
    function give(address asset, address to, uint256 amount) internal {
        if (amount == 0) return;
        if (asset == address(0)) {
            (bool sent,) = to.call{value: amount}("");
            require(sent, "the receiver refuses ether");
            return;
        }
        _call(asset, abi.encodeCall(IERC20.transfer, (to, amount)));
    }

    function _held(address asset) private view returns (uint256) {
        (bool answered, bytes memory answer) =
            asset.staticcall(abi.encodeWithSignature("balanceOf(address)", address(this)));
        require(answered && answer.length >= 32, "not a token");
        return abi.decode(answer, (uint256));
    }

    function _call(address asset, bytes memory data) private {
        (bool done, bytes memory answer) = asset.call(data);
        require(done && (answer.length == 0 || abi.decode(answer, (bool))), "token transfer failed");
        require(asset.code.length > 0, "not a token");
    }
}
