// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ChannelSignature} from "./lib/ChannelSignature.sol";
import {Funds} from "./lib/Funds.sol";

/// @title Payment channels
/// @notice One-way channels: a payer deposits once, signs ever higher commits off chain, and the
/// payee publishes one of them.
///
/// None - makeDeposit -> Open - publishCommit -> Published - payout (secret, after the delay) -> Paid
/// Open - close (both sign), recoverChange (secret), recoverExpired -> Empty
/// Published - revoke (secret) -> Punished
/// Published, Paid, Punished - recoverChange -> no change left
///
/// A secret is 32 bytes, its hash is RIPEMD-160 of SHA-256, so that the same secret works in a script
/// of Bitcoin. Blocks are `block.number` of this chain.
contract PaymentChannels {
    /// @notice What a channel is; its id is their hash, and nothing else of them is stored.
    struct Terms {
        address payer;
        address payee;
        /// The null address for ether.
        address asset;
        bytes20 spendHash;
        /// Blocks after which the payer may take an unpublished deposit back.
        uint16 expireTime;
    }

    /// @notice A channel's money and commit. Never deleted: an id used again would revive old commits.
    struct Channel {
        uint112 balance;
        /// Part of the balance that a published commit gives to the payee, or after `revoke` did.
        uint112 committed;
        uint32 openedAt;
        bytes20 revokeHash;
        uint32 publishedAt;
        uint16 delay;
    }

    bytes32 private constant COMMIT_TYPE = keccak256(
        "Commit(bytes32 channel,uint112 quantity,bytes20 revokeSecretHash,uint16 delayTime)"
    );
    bytes32 private constant PUBLISH_TYPE = keccak256(
        "Publish(bytes32 channel,uint112 quantity,bytes20 revokeSecretHash,uint16 delayTime)"
    );
    bytes32 private constant CLOSE_TYPE = keccak256("Close(bytes32 channel,uint112 quantity)");

    bytes32 private immutable DOMAIN;
    uint256 private immutable CHAIN_ID;

    mapping(bytes32 id => Channel channel) private _channels;
    bool private transient _entered;

    /// @notice A channel was opened.
    event Deposited(
        bytes32 indexed channel, address indexed payer, address indexed payee, uint112 amount
    );

    /// @notice A channel's deposit grew.
    event ToppedUp(bytes32 indexed channel, uint112 amount);

    /// @notice The payee published a commit; it is paid out `delayTime` blocks later.
    event CommitPublished(
        bytes32 indexed channel, uint112 quantity, bytes20 revokeSecretHash, uint16 delayTime
    );

    /// @notice The payee got what was committed, and gave the spend secret away.
    event PaidOut(bytes32 indexed channel, uint112 quantity, bytes32 spendSecret);

    /// @notice A published commit had been revoked; the payer got what was committed.
    event Revoked(bytes32 indexed channel, uint112 quantity, bytes32 revokeSecret);

    /// @notice The payer got what was not committed.
    event ChangeRecovered(bytes32 indexed channel, uint112 amount);

    /// @notice The payer got the deposit back, since no commit was published in time.
    event Expired(bytes32 indexed channel, uint112 amount);

    /// @notice Both parties closed the channel.
    event Closed(bytes32 indexed channel, uint112 quantity, uint112 change);

    /// @dev Tokens and receivers may call back; nothing is to be had here meanwhile.
    modifier once() {
        require(!_entered, "called back");
        _entered = true;
        _;
        _entered = false;
    }

    constructor() {
        CHAIN_ID = block.chainid;
        DOMAIN = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("PaymentChannels"),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
    }

    /// @notice Opens the channel of these terms, once.
    /// @param terms Its terms; the payer calls.
    /// @param amount Wei, which come with the call, or units of the token; what arrives counts.
    function makeDeposit(Terms calldata terms, uint256 amount) external payable once {
        require(msg.sender == terms.payer, "only the payer");
        bytes32 id = channelId(terms);
        Channel storage channel = _channels[id];
        require(channel.openedAt == 0, "channel already used");
        uint112 received = _received(terms.asset, amount);
        channel.balance = received;
        channel.openedAt = uint32(block.number);
        emit Deposited(id, terms.payer, terms.payee, received);
    }

    /// @notice Adds to the deposit of an open channel.
    /// @param terms Its terms; the payer calls.
    /// @param amount As for `makeDeposit`.
    function topUp(Terms calldata terms, uint256 amount) external payable once {
        require(msg.sender == terms.payer, "only the payer");
        bytes32 id = channelId(terms);
        Channel storage channel = _openChannel(id);
        uint112 received = _received(terms.asset, amount);
        channel.balance += received;
        emit ToppedUp(id, received);
    }

    /// @notice Publishes a commit, once a channel.
    /// @param terms The channel's terms; the payee calls.
    /// @param quantity What the payee is to get in all.
    /// @param revokeHash Hash of the commit's revoke secret.
    /// @param delay Blocks before the payout.
    /// @param payerSig The payer's signature of the `Commit`.
    function publishCommit(
        Terms calldata terms,
        uint112 quantity,
        bytes20 revokeHash,
        uint16 delay,
        bytes calldata payerSig
    ) external once {
        require(msg.sender == terms.payee, "only the payee");
        _publish(terms, quantity, revokeHash, delay, payerSig);
    }

    /// @notice Publishes a commit for a payee that signed it and does not call itself.
    /// @param terms The channel's terms.
    /// @param quantity What the payee is to get in all.
    /// @param revokeHash Hash of the commit's revoke secret.
    /// @param delay Blocks before the payout.
    /// @param payerSig The payer's signature of the `Commit`.
    /// @param payeeSig The payee's signature of a `Publish` with the same fields.
    function publishCommitFor(
        Terms calldata terms,
        uint112 quantity,
        bytes20 revokeHash,
        uint16 delay,
        bytes calldata payerSig,
        bytes calldata payeeSig
    ) external once {
        bytes32 fields =
            keccak256(abi.encode(PUBLISH_TYPE, channelId(terms), quantity, revokeHash, delay));
        ChannelSignature.check(terms.payee, _typed(fields), payeeSig);
        _publish(terms, quantity, revokeHash, delay, payerSig);
    }

    /// @notice Pays the payee what was committed; anyone may call.
    /// @param terms The channel's terms.
    /// @param spendSecret The secret of `spendHash`, known to all from now on.
    function payout(Terms calldata terms, bytes32 spendSecret) external once {
        bytes32 id = channelId(terms);
        Channel storage channel = _channels[id];
        uint112 quantity = channel.committed;
        require(quantity > 0, "nothing is committed");
        require(block.number >= uint256(channel.publishedAt) + channel.delay, "too early");
        require(_hash160(spendSecret) == terms.spendHash, "wrong spend secret");
        channel.committed = 0;
        channel.balance -= quantity;
        emit PaidOut(id, quantity, spendSecret);
        Funds.give(terms.asset, terms.payee, quantity);
    }

    /// @notice Gives the payer what was committed by a commit that was revoked; anyone may call.
    /// @param terms The channel's terms.
    /// @param revokeSecret The secret of the commit's revoke hash.
    function revoke(Terms calldata terms, bytes32 revokeSecret) external once {
        bytes32 id = channelId(terms);
        Channel storage channel = _channels[id];
        uint112 quantity = channel.committed;
        require(quantity > 0, "nothing is committed");
        require(_hash160(revokeSecret) == channel.revokeHash, "wrong revoke secret");
        channel.committed = 0;
        channel.balance -= quantity;
        emit Revoked(id, quantity, revokeSecret);
        Funds.give(terms.asset, terms.payer, quantity);
    }

    /// @notice Gives the payer what is not committed; anyone may call.
    /// @param terms The channel's terms.
    /// @param spendSecret Asked for only while no commit is published; then all of it goes back.
    function recoverChange(Terms calldata terms, bytes32 spendSecret) external once {
        bytes32 id = channelId(terms);
        Channel storage channel = _channels[id];
        uint112 amount = channel.balance - channel.committed;
        require(amount > 0, "no change");
        require(
            channel.publishedAt != 0 || _hash160(spendSecret) == terms.spendHash,
            "wrong spend secret"
        );
        channel.balance -= amount;
        emit ChangeRecovered(id, amount);
        Funds.give(terms.asset, terms.payer, amount);
    }

    /// @notice Gives the payer the deposit back when the time is over and no commit is published;
    /// anyone may call.
    /// @param terms The channel's terms.
    function recoverExpired(Terms calldata terms) external once {
        bytes32 id = channelId(terms);
        Channel storage channel = _openChannel(id);
        require(block.number >= uint256(channel.openedAt) + terms.expireTime, "not expired");
        uint112 amount = channel.balance;
        channel.balance = 0;
        emit Expired(id, amount);
        Funds.give(terms.asset, terms.payer, amount);
    }

    /// @notice Divides the deposit at once, by agreement; anyone may call.
    /// @param terms The channel's terms.
    /// @param quantity What the payee gets; the payer gets the rest.
    /// @param payerSig The payer's signature of the `Close`.
    /// @param payeeSig The payee's signature of the `Close`.
    function close(
        Terms calldata terms,
        uint112 quantity,
        bytes calldata payerSig,
        bytes calldata payeeSig
    ) external once {
        bytes32 id = channelId(terms);
        Channel storage channel = _openChannel(id);
        uint112 balance = channel.balance;
        require(quantity <= balance, "more than the deposit");
        bytes32 digest = _typed(keccak256(abi.encode(CLOSE_TYPE, id, quantity)));
        ChannelSignature.check(terms.payer, digest, payerSig);
        ChannelSignature.check(terms.payee, digest, payeeSig);
        channel.balance = 0;
        emit Closed(id, quantity, balance - quantity);
        Funds.give(terms.asset, terms.payee, quantity);
        Funds.give(terms.asset, terms.payer, balance - quantity);
    }

    /// @notice A channel as it is; all zero when there never was one.
    /// @param id Its id.
    function channelOf(bytes32 id) external view returns (Channel memory) {
        return _channels[id];
    }

    /// @notice The id of a channel: it depends on the chain, this contract and the terms.
    /// @param terms Its terms.
    function channelId(Terms calldata terms) public view returns (bytes32) {
        return keccak256(abi.encode(CHAIN_ID, address(this), terms));
    }

    /// @notice What a payer signs.
    /// @param id The channel.
    /// @param quantity What the payee is to get in all.
    /// @param revokeHash Hash of the commit's revoke secret.
    /// @param delay Blocks before the payout.
    function commitDigest(bytes32 id, uint112 quantity, bytes20 revokeHash, uint16 delay)
        public
        view
        returns (bytes32)
    {
        return _typed(keccak256(abi.encode(COMMIT_TYPE, id, quantity, revokeHash, delay)));
    }

    function _publish(
        Terms calldata terms,
        uint112 quantity,
        bytes20 revokeHash,
        uint16 delay,
        bytes calldata payerSig
    ) private {
        bytes32 id = channelId(terms);
        Channel storage channel = _openChannel(id);
        require(quantity > 0, "nothing is committed");
        require(quantity <= channel.balance, "more than the deposit");
        ChannelSignature.check(
            terms.payer, commitDigest(id, quantity, revokeHash, delay), payerSig
        );
        channel.committed = quantity;
        channel.revokeHash = revokeHash;
        channel.publishedAt = uint32(block.number);
        channel.delay = delay;
        emit CommitPublished(id, quantity, revokeHash, delay);
    }

    /// @dev A channel with its deposit and no published commit.
    function _openChannel(bytes32 id) private view returns (Channel storage channel) {
        channel = _channels[id];
        require(channel.publishedAt == 0, "a commit is published");
        require(channel.balance > 0, "channel not open");
    }

    function _received(address asset, uint256 amount) private returns (uint112) {
        uint256 received = Funds.take(asset, amount);
        require(received > 0, "no deposit");
        require(received <= type(uint112).max, "deposit too large");
        return uint112(received);
    }

    function _hash160(bytes32 secret) private pure returns (bytes20) {
        return ripemd160(abi.encodePacked(sha256(abi.encodePacked(secret))));
    }

    function _typed(bytes32 fields) private view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", DOMAIN, fields));
    }
}
