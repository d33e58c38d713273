// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What the test runner lets a test do
/// @dev Only what the tests here use.
interface Vm {
    /// @notice Sets the time of the block.
    function warp(uint256 timestamp) external;

    /// @notice Sets the number of the block.
    function roll(uint256 number) external;

    /// @notice Sets an account's wei.
    function deal(address account, uint256 balance) external;

    /// @notice The next call comes from this account.
    function prank(address sender) external;

    /// @notice The next call must revert with this data.
    function expectRevert(bytes calldata data) external;

    /// @notice Drops the case unless the condition holds.
    function assume(bool condition) external pure;

    /// @notice The account of a private key.
    function addr(uint256 privateKey) external pure returns (address);

    /// @notice Signs a digest.
    function sign(uint256 privateKey, bytes32 digest)
        external
        pure
        returns (uint8 v, bytes32 r, bytes32 s);

    /// @notice The creation code in a file as the compiler writes it.
    function getCode(string calldata path) external view returns (bytes memory);

    /// @notice How many contracts an account has created, for a contract account plus one.
    function getNonce(address account) external view returns (uint64);

    /// @notice The address of the contract that an account creates with a nonce.
    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);
}

/// @dev Where the test runner answers.
Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
