// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Signatures of channel parties
library ChannelSignature {
    /// @dev Half the order of the curve, rounded down.
    uint256 private constant HALF_ORDER =
        0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @dev Reverts unless `sig` is the signer's over the digest, in the only form accepted: 65 bytes
    /// r, s, v with s in the lower half and v 27 or 28.
    function check(address signer, bytes32 digest, bytes calldata sig) internal pure {
        require(sig.length == 65, "signature length");
        bytes32 s = bytes32(sig[32:64]);
        uint8 v = uint8(sig[64]);
        require(uint256(s) <= HALF_ORDER, "signature with a high s");
        require(v == 27 || v == 28, "signature v");
        address recovered = ecrecover(digest, v, bytes32(sig[0:32]), s);
        require(recovered != address(0) && recovered == signer, "signature of another");
    }
}
