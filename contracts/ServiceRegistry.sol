// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Where the services of an address are found
contract ServiceRegistry {
    mapping(address account => string uri) private _uris;

    /// @notice An address published a new URI.
    event ServiceURIUpdate(address indexed addr, string serviceURI);

    /// @notice Publishes the caller's URI.
    /// @param serviceURI Any string; readers must not trust it.
    function setServiceURI(string calldata serviceURI) external {
        _uris[msg.sender] = serviceURI;
        emit ServiceURIUpdate(msg.sender, serviceURI);
    }

    /// @notice The URI that an address published; empty when it never did.
    /// @param addr The address.
    function getServiceURI(address addr) external view returns (string memory) {
        return _uris[addr];
    }
}
