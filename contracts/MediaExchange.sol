// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IUserRegistry} from "./interfaces/IUserRegistry.sol";
import {Funds} from "./lib/Funds.sol";
import {TypedSignature} from "./lib/TypedSignature.sol";

/// @title Channels of those who bid on videos, and on attention for them
/// @notice A bidder funds a balance. Whoever a bid names as payee opens the channel: the price of the
/// whole video moves from the balance into escrow. The payee cashes the latest check, once; what is
/// left goes back to the bidder. When nothing was cashed by the bid's expiration, anyone may give the
/// escrow back. All money leaves through `withdraw`, so no receiver can hold up another.
contract MediaExchange {
    /// @notice An offer to pay for a video by the second.
    struct Bid {
        /// Digest of the bid that opened the bidder's last channel.
        bytes32 nonce;
        /// Units of the asset for a second.
        uint96 bid;
        /// Unix time until which the channel can be opened, and from which the rest goes back.
        uint64 expiration;
        /// sha256 of the video's directory.
        bytes32 hash;
        string format;
        /// Communication key of the recipient.
        bytes32 to;
        /// Wallet of the recipient.
        address payee;
        /// The null address for ether.
        address asset;
        /// Seconds of the video.
        uint32 duration;
        /// Seconds of a segment; the last may be shorter.
        uint32 segmentSeconds;
        /// Communication key of the bidder.
        bytes32 key;
    }

    /// @dev One slot. Never deleted: a bid opens one channel, ever.
    struct Channel {
        address payer;
        uint96 escrow;
    }

    bytes32 private constant BID_TYPE = keccak256(
        "Bid(bytes32 nonce,uint96 bid,uint64 expiration,bytes32 hash,string format,bytes32 to,address payee,address asset,uint32 duration,uint32 segmentSeconds,bytes32 key)"
    );
    bytes32 private constant CHECK_TYPE = keccak256("Check(bytes32 nonce,uint32 balance)");

    /// @notice Knows the keys and nonces of wallets.
    IUserRegistry public immutable users;
    bytes32 private immutable DOMAIN;

    mapping(bytes32 digest => Channel channel) private _channels;
    mapping(address asset => mapping(address account => uint256 amount)) private _balances;
    bool private transient _entered;

    /// @notice A balance grew.
    event Funded(address indexed account, address indexed asset, uint256 amount);

    /// @notice A balance was paid out.
    event Withdrawn(address indexed account, address indexed asset, uint256 amount);

    /// @notice A bid was accepted.
    event Opened(
        bytes32 indexed channel, address indexed payer, address indexed payee, uint96 escrow
    );

    /// @notice A payee cashed a check; the rest went back to the payer.
    event Cashed(bytes32 indexed channel, uint32 balance, uint96 paid, uint96 refunded);

    /// @notice An escrow went back to its payer.
    event Reclaimed(bytes32 indexed channel, uint96 refunded);

    /// @dev Tokens and receivers may call back; nothing is to be had here meanwhile.
    modifier once() {
        require(!_entered, "called back");
        _entered = true;
        _;
        _entered = false;
    }

    /// @param users_ The registry of keys and nonces.
    constructor(IUserRegistry users_) {
        users = users_;
        DOMAIN = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("MediaExchange"),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
    }

    /// @notice Adds to the caller's balance.
    /// @param asset The null address for ether, else a token that was approved.
    /// @param amount Wei, which come with the call, or units of the token; what arrives counts.
    function fund(address asset, uint256 amount) external payable once {
        uint256 received = Funds.take(asset, amount);
        _balances[asset][msg.sender] += received;
        emit Funded(msg.sender, asset, received);
    }

    /// @notice Pays out of the caller's balance.
    /// @param asset The null address for ether, else a token.
    /// @param amount How much.
    function withdraw(address asset, uint256 amount) external once {
        uint256 balance = _balances[asset][msg.sender];
        require(balance >= amount, "balance is too small");
        _balances[asset][msg.sender] = balance - amount;
        emit Withdrawn(msg.sender, asset, amount);
        Funds.give(asset, msg.sender, amount);
    }

    /// @notice Accepts a bid: moves the price of the whole video into escrow.
    /// @param bid The bid; its payee calls.
    /// @param sig The bidder's signature.
    function open(Bid calldata bid, bytes calldata sig) external once {
        require(msg.sender == bid.payee, "only the payee");
        require(block.timestamp < bid.expiration, "bid is expired");
        require(bid.segmentSeconds > 0, "segment of no length");
        bytes32 digest = bidDigest(bid);
        require(_channels[digest].payer == address(0), "bid was opened");
        address payer = TypedSignature.signer(digest, sig);
        uint256 price = uint256(bid.bid) * bid.duration;
        require(price <= type(uint96).max, "price is too large");
        uint256 balance = _balances[bid.asset][payer];
        require(balance >= price, "balance is too small");
        _balances[bid.asset][payer] = balance - price;
      
        _channels[digest] = Channel({payer: payer, escrow: uint96(price)});
        users.admit(payer, bid.key, bid.nonce, digest);
      
        emit Opened(digest, payer, bid.payee, uint96(price));
    }

    /// @notice Cashes a check and closes the channel.
    /// @param bid The channel's bid; its payee calls.
    /// @param balance Segments the check is for, in all.
    /// @param sig The bidder's signature of the check.
    function cash(Bid calldata bid, uint32 balance, bytes calldata sig) external once {
        require(msg.sender == bid.payee, "only the payee");
        bytes32 digest = bidDigest(bid);
        Channel storage channel = _channels[digest];
        (address payer, uint96 escrow) = (channel.payer, channel.escrow);
        require(payer != address(0), "channel is not open");
        require(escrow > 0, "channel is closed");
        require(TypedSignature.signer(_checkDigest(digest, balance), sig) == payer, "not the payer's check");
        uint96 paid = valueOf(bid, balance);
        channel.escrow = 0;
        _balances[bid.asset][bid.payee] += paid;
        _balances[bid.asset][payer] += escrow - paid;
        emit Cashed(digest, balance, paid, escrow - paid);
    }

    /// @notice Gives the escrow of an expired bid back to the bidder's balance. Anyone may.
    /// @param bid The channel's bid.
    function reclaim(Bid calldata bid) external once {
        require(block.timestamp >= bid.expiration, "bid is not expired");
        bytes32 digest = bidDigest(bid);
        Channel storage channel = _channels[digest];
        (address payer, uint96 escrow) = (channel.payer, channel.escrow);
        require(payer != address(0), "channel is not open");
        require(escrow > 0, "channel is closed");
        channel.escrow = 0;
        _balances[bid.asset][payer] += escrow;
        emit Reclaimed(digest, escrow);
    }

    /// @notice What an account can withdraw or bid with.
    /// @param asset The null address for ether, else a token.
    /// @param account The account.
    function balanceOf(address asset, address account) external view returns (uint256) {
        return _balances[asset][account];
    }

    /// @notice A channel's payer, null if it was never opened, and its escrow, 0 once it is closed.
    /// @param digest The digest of its bid.
    function channelOf(bytes32 digest) external view returns (address payer, uint96 escrow) {
        Channel memory channel = _channels[digest];
        return (channel.payer, channel.escrow);
    }

    /// @notice What wallets sign of a check.
    /// @param channel The digest of the bid.
    /// @param balance Segments paid for, in all.
    function checkDigest(bytes32 channel, uint32 balance) external view returns (bytes32) {
        return _checkDigest(channel, balance);
    }

    /// @notice What wallets sign of a bid; also the channel's name, and the bidder's next nonce.
    /// @param bid The bid.
    function bidDigest(Bid calldata bid) public view returns (bytes32) {
        bytes32 content = keccak256(
            abi.encode(
                BID_TYPE,
                bid.nonce,
                bid.bid,
                bid.expiration,
                bid.hash,
                keccak256(bytes(bid.format)),
                bid.to,
                bid.payee,
                bid.asset,
                bid.duration,
                bid.segmentSeconds,
                bid.key
            )
        );
        return _typed(content);
    }

    /// @notice What a number of segments costs under a bid: the last may be short.
    /// @param bid The bid.
    /// @param balance Segments.
    function valueOf(Bid calldata bid, uint32 balance) public pure returns (uint96) {
        uint256 sold = uint256(balance) * bid.segmentSeconds;
        uint256 value = uint256(bid.bid) * (sold < bid.duration ? sold : bid.duration);
        require(value <= type(uint96).max, "price is too large");
      
        return uint96(value);
    }

    function _checkDigest(bytes32 channel, uint32 balance) private view returns (bytes32) {
        return _typed(keccak256(abi.encode(CHECK_TYPE, channel, balance)));
    }

    function _typed(bytes32 content) private view returns (bytes32) {
        return keccak256(abi.encodePacked("\x19\x01", DOMAIN, content));
    }
}
