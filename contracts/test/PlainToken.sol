// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A token that keeps a fee of each transfer and returns nothing
contract PlainToken {
    /// @notice Kept of each transfer, in hundredths.
    uint256 public immutable FEE;

    mapping(address account => uint256 amount) public balanceOf;
    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;

    constructor(uint256 fee) {
        FEE = fee;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount - (amount * FEE) / 100;
    }
}
