// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Signatures of typed data
library TypedSignature {
    /// @dev Half the order of the curve, rounded down.
    uint256 private constant HALF_ORDER =
        0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @dev Who signed a digest, in the only form accepted: 65 bytes r, s, v with s in the lower half
    /// and v 27 or 28. Reverts when nobody did.
    function signer(bytes32 digest, bytes calldata sig) internal pure returns (address recovered) {
        require(sig.length == 65, "signature length");
        bytes32 s = bytes32(sig[32:64]);
        uint8 v = uint8(sig[64]);
        require(uint256(s) <= HALF_ORDER, "signature with a high s");
        require(v == 27 || v == 28, "signature v");
        recovered = ecrecover(digest, v, bytes32(sig[0:32]), s);
        require(recovered != address(0), "signature of nobody");
    }
}
