// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title MediaExchange
interface Exchange {
    struct Bid {
        bytes32 nonce;
        uint96 bid;
        uint64 expiration;
        bytes32 hash;
        string format;
        bytes32 to;
        address payee;
        address asset;
        uint32 duration;
        uint32 segmentSeconds;
        bytes32 key;
    }

    function fund(address asset, uint256 amount) external payable;
    function withdraw(address asset, uint256 amount) external;
    function open(Bid calldata bid, bytes calldata sig) external;
    function cash(Bid calldata bid, uint32 balance, bytes calldata sig) external;
    function reclaim(Bid calldata bid) external;
    function balanceOf(address asset, address account) external view returns (uint256);
    function channelOf(bytes32 digest) external view returns (address payer, uint96 escrow);
    function checkDigest(bytes32 channel, uint32 balance) external view returns (bytes32);
    function bidDigest(Bid calldata bid) external view returns (bytes32);
    function valueOf(Bid calldata bid, uint32 balance) external pure returns (uint96);
}

/// @title UserRegistry
interface Users {
    function register(bytes32 key, string calldata metadata) external;
    function addKey(bytes32 key) external;
    function revokeKey(bytes32 key) external;
    function admit(address wallet, bytes32 key, bytes32 nonce, bytes32 next) external;
    function isRegistered(address wallet) external view returns (bool);
    function isKeyOf(address wallet, bytes32 key) external view returns (bool);
    function nonceOf(address wallet) external view returns (bytes32);
}

/// @title VideoRegistry
interface Videos {
    struct Video {
        bytes32 owner;
        address payee;
        uint32 duration;
        uint32 segmentLength;
        uint32 segmentSize;
        string title;
        string[] formats;
    }

    function register(bytes32 directory, Video calldata video) external;
    function setTitle(bytes32 directory, string calldata title) external;
    function videoOf(bytes32 directory) external view returns (Video memory);
    function registrantOf(bytes32 directory) external view returns (address);
}
