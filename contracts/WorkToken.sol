// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "./interfaces/IERC20.sol";
import {Owned} from "./Owned.sol";

/// @title The work token
/// @notice The ERC-20 that orchestrators bond.
contract WorkToken is IERC20, Owned {
    /// @notice Name of the token.
    string public constant name = "Millrace Work Token";

    /// @notice Symbol of the token.
    string public constant symbol = "MILL";

    /// @notice Decimal places of one token.
    uint8 public constant decimals = 18;

    /// @notice Tokens in existence.
    uint256 public totalSupply;

    /// @notice Tokens of an account.
    mapping(address account => uint256 amount) public balanceOf;

    /// @notice What a spender may still move of an owner's tokens; the largest number is unlimited.
    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;

    /// @notice Tokens moved; minted when `from` is the null address.
    event Transfer(address indexed from, address indexed to, uint256 value);

    /// @notice An allowance was set.
    event Approval(address indexed owner, address indexed spender, uint256 value);

    /// @param initialSupply Tokens minted for the deployer.
    constructor(uint256 initialSupply) {
        _mint(msg.sender, initialSupply);
    }

    /// @notice Makes new tokens.
    /// @param to Who gets them.
    /// @param amount How many.
    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }

    /// @notice Sets what a spender may move of the caller's tokens.
    /// @param spender The spender.
    /// @param amount The new allowance.
    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    /// @inheritdoc IERC20
    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    /// @inheritdoc IERC20
    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) {
            require(allowed >= amount, "transfer amount exceeds allowance");
            allowance[from][msg.sender] = allowed - amount;
        }
        _move(from, to, amount);
        return true;
    }

    function _move(address from, address to, uint256 amount) private {
        require(to != address(0), "transfer to the null address");
        uint256 balance = balanceOf[from];
        require(balance >= amount, "transfer amount exceeds balance");
        balanceOf[from] = balance - amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
    }

    function _mint(address to, uint256 amount) private {
        require(to != address(0), "mint to the null address");
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }
}
