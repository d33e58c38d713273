// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IUserRegistry} from "./interfaces/IUserRegistry.sol";

/// @title Which communication keys speak for a wallet
/// @notice Registration is optional. A registered wallet has a chain of nonces: each channel that is
/// opened with its money sets the next. A key listed here proves nothing alone, since anyone may list
/// any key; a bid carries the signatures of both key and wallet.
contract UserRegistry is IUserRegistry {
    /// @dev What is kept of a wallet. A nonce is never taken back.
    struct User {
        bytes32 nonce;
        bool registered;
    }

    /// @notice The only contract that advances nonces.
    address public immutable exchange;

    mapping(address wallet => User user) private _users;
    mapping(address wallet => mapping(bytes32 key => bool active)) private _keys;

    /// @notice A wallet registered.
    event UserRegistered(address indexed wallet);

    /// @notice A key speaks for a wallet from now on.
    event KeyAdded(address indexed wallet, bytes32 indexed key);

    /// @notice A key speaks for a wallet no more.
    event KeyRevoked(address indexed wallet, bytes32 indexed key);

    /// @notice A wallet described itself.
    event MetadataChanged(address indexed wallet, string metadata);

    /// @notice A channel was opened with a wallet's money.
    event NonceAdvanced(address indexed wallet, bytes32 nonce);

    /// @param exchange_ The contract that opens channels.
    constructor(address exchange_) {
        exchange = exchange_;
    }

    /// @notice Registers the caller with its first key.
    /// @param key An Ed25519 public key.
    /// @param metadata Any text, or none; readers must not trust it.
    function register(bytes32 key, string calldata metadata) external {
        require(!_users[msg.sender].registered, "wallet is registered");
        _users[msg.sender].registered = true;
        emit UserRegistered(msg.sender);
        _add(key);
        if (bytes(metadata).length > 0) emit MetadataChanged(msg.sender, metadata);
    }

    /// @notice Lets another key speak for the caller.
    /// @param key An Ed25519 public key.
    function addKey(bytes32 key) external {
        require(_users[msg.sender].registered, "wallet is not registered");
        _add(key);
    }

    /// @notice Takes a key back, for good unless it is added again.
    /// @param key An Ed25519 public key.
    function revokeKey(bytes32 key) external {
        require(_keys[msg.sender][key], "key is not the wallet's");
        _keys[msg.sender][key] = false;
        emit KeyRevoked(msg.sender, key);
    }

    /// @notice Describes the caller.
    /// @param metadata Any text.
    function setMetadata(string calldata metadata) external {
        require(_users[msg.sender].registered, "wallet is not registered");
        emit MetadataChanged(msg.sender, metadata);
    }

    /// @inheritdoc IUserRegistry
    function admit(address wallet, bytes32 key, bytes32 nonce, bytes32 next) external {
        require(msg.sender == exchange, "caller must be the exchange");
        User storage user = _users[wallet];
        if (!user.registered) return;
        require(user.nonce == nonce, "nonce is not the wallet's");
        require(_keys[wallet][key], "key is not the wallet's");
        user.nonce = next;
        emit NonceAdvanced(wallet, next);
    }

    /// @notice Whether a wallet registered.
    /// @param wallet The wallet.
    function isRegistered(address wallet) external view returns (bool) {
        return _users[wallet].registered;
    }

    /// @notice Whether a key speaks for a wallet.
    /// @param wallet The wallet.
    /// @param key The key.
    function isKeyOf(address wallet, bytes32 key) external view returns (bool) {
        return _keys[wallet][key];
    }

    /// @notice The last channel opened with a wallet's money; zero before the first.
    /// @param wallet The wallet.
    function nonceOf(address wallet) external view returns (bytes32) {
        return _users[wallet].nonce;
    }

    function _add(bytes32 key) private {
        require(key != bytes32(0), "key is null");
        require(!_keys[msg.sender][key], "key is the wallet's");
        _keys[msg.sender][key] = true;
        emit KeyAdded(msg.sender, key);
    }
}
