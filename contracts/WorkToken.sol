// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "./interfaces/IERC20.sol";
import {IWorkToken} from "./interfaces/IWorkToken.sol";
import {Owned} from "./Owned.sol";

/// @title The work token
/// @notice The ERC-20 that is bonded to orchestrators. Minters make the rewards for bonding.
contract WorkToken is IWorkToken, Owned {
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

    /// @notice Whether an account may make new tokens.
    mapping(address account => bool allowed) public isMinter;

    /// @notice Tokens moved; destroyed when `to` is the null address, minted when `from` is the null address.
    event Transfer(address indexed from, address indexed to, uint256 value);

    /// @notice An allowance was set.
    event Approval(address indexed owner, address indexed spender, uint256 value);

    /// @notice An account became a minter, or is one no more.
    event MinterSet(address indexed account, bool allowed);

    /// @param initialSupply Tokens minted for the deployer.
    /// @param minter The first minter; none when null.
    constructor(uint256 initialSupply, address minter) {
        _mint(msg.sender, initialSupply);
        if (minter != address(0)) _setMinter(minter, true);
    }

    /// @inheritdoc IWorkToken
    function mint(address to, uint256 amount) external {
        require(isMinter[msg.sender] || msg.sender == owner, "caller must be a minter or the owner");
        _mint(to, amount);
    }

    /// @inheritdoc IWorkToken
    function burn(uint256 amount) external {
        uint256 balance = balanceOf[msg.sender];
        require(balance >= amount, "burn amount exceeds balance");
        balanceOf[msg.sender] = balance - amount;
        totalSupply -= amount;
        emit Transfer(msg.sender, address(0), amount);
    }

    /// @notice Lets an account make new tokens, or no more.
    /// @param account The account.
    /// @param allowed Whether it may.
    function setMinter(address account, bool allowed) external onlyOwner {
        _setMinter(account, allowed);
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

    function _setMinter(address account, bool allowed) private {
        isMinter[account] = allowed;
        emit MinterSet(account, allowed);
    }

    function _mint(address to, uint256 amount) private {
        require(to != address(0), "mint to the null address");
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }
}
