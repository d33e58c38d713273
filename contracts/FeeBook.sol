// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What recipients have earned and not yet withdrawn
/// @notice Fees are booked under the round in which their ticket was created, so that they can be
/// divided by the shares that held in that round.
/// @dev A recipient has two slots, one for even and one for odd rounds. Each holds the fees of its
/// newest round apart and the sum of all its earlier ones. A redemption writes one slot that is
/// never zero, since registering fills both. Whoever divides fees among delegators must do so
/// before a round with other shares pushes them into the sum.
abstract contract FeeBook {
    /// @dev Bits 0-95 the sum of earlier rounds, 96-191 the fees of the newest round, 192-247 that
    /// round, 248 whether the recipient is registered. One word, so that it is written once.
    mapping(address recipient => uint256[2] slots) private _slots;

    uint256 private constant AMOUNT_MASK = type(uint96).max;
    uint256 private constant ROUND_MASK = type(uint56).max;
    uint256 private constant REGISTERED = 1 << 248;

    /// @notice A recipient withdrew fees.
    event WithdrawFees(address indexed account, address recipient, uint256 amount);

    /// @notice Pays the caller's fees out.
    /// @param recipient Who receives them.
    /// @param amount Wei; at most {pendingFees} of the caller.
    function withdrawFees(address payable recipient, uint256 amount) external {
        require(recipient != address(0), "invalid recipient");
        uint256 left = amount;
        for (uint256 i = 0; i < 2; ++i) {
            uint256 slot = _slots[msg.sender][i];
            (uint256 settled, uint256 fees,) = _unpack(slot);
            uint256 fromSettled = left < settled ? left : settled;
            left -= fromSettled;
            uint256 fromFees = left < fees ? left : fees;
            left -= fromFees;
            _slots[msg.sender][i] = slot - fromSettled - (fromFees << 96);
        }
        require(left == 0, "insufficient fees to withdraw");
        emit WithdrawFees(msg.sender, recipient, amount);
        (bool sent,) = recipient.call{value: amount}("");
        require(sent, "ether transfer failed");
    }

    /// @notice Fees a recipient can withdraw, in wei.
    /// @param recipient The recipient.
    function pendingFees(address recipient) external view returns (uint256 amount) {
        for (uint256 i = 0; i < 2; ++i) {
            (uint256 settled, uint256 fees,) = _unpack(_slots[recipient][i]);
            amount += settled + fees;
        }
    }

    /// @notice Fees of a recipient that are still booked under one creation round, in wei; 0 when a
    /// later round has taken its place.
    /// @param recipient The recipient.
    /// @param round The creation round.
    function feesOfRound(address recipient, uint256 round) external view returns (uint256) {
        (, uint256 fees, uint256 newest) = _unpack(_slots[recipient][round & 1]);
        return newest == round ? fees : 0;
    }

    /// @notice Whether tickets of this recipient can be redeemed.
    /// @param recipient The recipient.
    function isRegistered(address recipient) public view returns (bool) {
        return _slots[recipient][0] & REGISTERED != 0;
    }

    function _setRegistered(address recipient, bool registered) internal {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 slot = _slots[recipient][i];
            _slots[recipient][i] = registered ? slot | REGISTERED : slot & ~REGISTERED;
        }
    }

    /// @dev Returns false, and books nothing, when the recipient is not registered.
    function _book(address recipient, uint256 creationRound, uint256 amount)
        internal
        returns (bool)
    {
        uint256[2] storage slots = _slots[recipient];
        uint256 slot = slots[creationRound & 1];
        if (slot & REGISTERED == 0) return false;
        (uint256 settled, uint256 fees, uint256 round) = _unpack(slot);
        unchecked {
            if (creationRound > round) {
                settled += fees;
                fees = 0;
                round = creationRound;
            }
            if (creationRound == round) fees += amount;
            else settled += amount;
            // There is less ether than this; were there more, it must not run into the next field.
            require((settled | fees) <= AMOUNT_MASK, "fees are too large");
        }
        slots[creationRound & 1] = settled | (fees << 96) | (round << 192) | REGISTERED;
        return true;
    }

    function _unpack(uint256 slot)
        private
        pure
        returns (uint256 settled, uint256 fees, uint256 round)
    {
        return (slot & AMOUNT_MASK, (slot >> 96) & AMOUNT_MASK, (slot >> 192) & ROUND_MASK);
    }
}
