// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A contract with one owner
abstract contract Owned {
    /// @notice The account that may change parameters.
    address public owner;

    /// @notice The owner changed.
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    modifier onlyOwner() {
        require(msg.sender == owner, "caller must be owner");
        _;
    }

    constructor() {
        owner = msg.sender;
        emit OwnershipTransferred(address(0), msg.sender);
    }

    /// @notice Hands the contract over.
    /// @param newOwner The next owner; not the null address.
    function transferOwnership(address newOwner) external onlyOwner {
        require(newOwner != address(0), "owner is null address");
        emit OwnershipTransferred(owner, newOwner);
        owner = newOwner;
    }
}
