// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What recipients have earned
/// @notice Fees are booked by the round in which their ticket was created, so that they can be
/// divided by the stakes and shares that held in that round.
/// @dev Stakes and shares change from one round to the next only when someone says so, and whoever
/// changes them collects the fees and names the round from which on the change holds: the boundary.
/// So three sums are enough. Tickets of the boundary or later are divided alike; so are those of the
/// round before it; and of earlier rounds only the last one's are still valid.
///
/// A recipient has two words that are filled when it registers, so no redemption pays for a fresh
/// one, whichever round it opens. All but the third sum are in the first word.
abstract contract FeeBook {
    struct Words {
        /// Bits 0-95 fees of rounds from the boundary on, 96-191 of the round before it, 192-247
        /// the boundary, 248 whether the recipient is registered.
        uint256 recent;
        /// Bits 0-95 fees of earlier rounds, 248 always set.
        uint256 earlier;
    }

    mapping(address recipient => Words words) private _words;

    uint256 private constant AMOUNT_MASK = type(uint96).max;
    uint256 private constant ROUND_MASK = type(uint56).max;
    uint256 private constant FLAG = 1 << 248;

    /// @notice Whether tickets of this recipient can be redeemed.
    /// @param recipient The recipient.
    function isRegistered(address recipient) public view returns (bool) {
        return _words[recipient].recent & FLAG != 0;
    }

    function _setRegistered(address recipient, bool registered) internal {
        Words storage words = _words[recipient];
        words.recent = registered ? words.recent | FLAG : words.recent & ~FLAG;
        words.earlier |= FLAG;
    }

    /// @dev Returns false, and books nothing, when the recipient is not registered.
    function _book(address recipient, uint256 creationRound, uint256 amount)
        internal
        returns (bool)
    {
        Words storage words = _words[recipient];
        uint256 recent = words.recent;
        if (recent & FLAG == 0) return false;
        uint256 boundary = (recent >> 192) & ROUND_MASK;
        unchecked {
            // There is less ether than a sum can hold; were there more, it must not run into the
            // next field.
            if (creationRound >= boundary) {
                require((recent & AMOUNT_MASK) + amount <= AMOUNT_MASK, "fees are too large");
                words.recent = recent + amount;
            } else if (creationRound + 1 == boundary) {
                uint256 sum = ((recent >> 96) & AMOUNT_MASK) + amount;
                require(sum <= AMOUNT_MASK, "fees are too large");
                words.recent = recent + (amount << 96);
            } else {
                uint256 earlier = words.earlier;
                require((earlier & AMOUNT_MASK) + amount <= AMOUNT_MASK, "fees are too large");
                words.earlier = earlier + amount;
            }
        }
        return true;
    }

    function _collect(address recipient, uint256 boundary)
        internal
        returns (uint256 newest, uint256 before, uint256 earlier)
    {
        (, newest, before, earlier) = _uncollected(recipient);
        Words storage words = _words[recipient];
        words.recent = (words.recent & FLAG) | ((boundary & ROUND_MASK) << 192);
        if (earlier > 0) words.earlier = FLAG;
    }

    function _uncollected(address recipient)
        internal
        view
        returns (uint256 boundary, uint256 newest, uint256 before, uint256 earlier)
    {
        Words memory words = _words[recipient];
        boundary = (words.recent >> 192) & ROUND_MASK;
        newest = words.recent & AMOUNT_MASK;
        before = (words.recent >> 96) & AMOUNT_MASK;
        earlier = words.earlier & AMOUNT_MASK;
    }
}
