// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Signatures of tickets
library TicketSignature {
    /// @dev Half the order of the curve, rounded down.
    uint256 private constant HALF_ORDER =
        0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @dev Returns an empty string if `sig` is the signer's over the ticket hash under EIP-191, in
    /// the only form accepted: 65 bytes r, s, v with s in the lower half and v 27 or 28. Any other
    /// form would give the same ticket a second draw. Else returns why not.
    function check(address signer, bytes32 ticketHash, bytes calldata sig)
        internal
        pure
        returns (string memory refusal)
    {
        if (sig.length != 65) return "INVALID_SIGNATURE_LENGTH";
        bytes32 s = bytes32(sig[32:64]);
        uint8 v = uint8(sig[64]);
        if (uint256(s) > HALF_ORDER) return "ECDSA: invalid signature 's' value";
        if (v != 27 && v != 28) return "ECDSA: invalid signature 'v' value";
        bytes32 digest =
            keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", ticketHash));
        address recovered = ecrecover(digest, v, bytes32(sig[0:32]), s);
        if (recovered == address(0)) return "ECDSA: invalid signature";
        if (recovered != signer) return "invalid signature over ticket hash";
    }
}
