// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ExchangeFixture} from "./ExchangeFixture.sol";
import {Exchange} from "./ExchangeInterfaces.sol";
import {vm} from "./Vm.sol";

/// @title Everything anyone can do with the exchange, in any order
/// @notice Keeps books of its own and fails when the exchange does not do what they say.
contract ExchangeHandler is ExchangeFixture {
    struct Made {
        Exchange.Bid bid;
        bytes32 digest;
        uint256 bidder;
        uint256 escrow;
        bool opened;
    }

    uint256 private constant WALLETS = 4;
    uint256 private constant MAX_BIDS = 12;

    mapping(address asset => mapping(address account => uint256 amount)) private _books;
    mapping(address wallet => bytes32 nonce) private _nonces;
    Made[] private _made;

    constructor() {
        for (uint256 i = 0; i < WALLETS; ++i) {
            fund(i, 0, 1000);
            fund(i, 1, 1000);
        }
        // The first two wallets are registered, the others stay anonymous.
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(walletAt(i));
            users.register(communicationKey(i), "");
        }
    }

    function walletAt(uint256 seed) public pure returns (address) {
        return vm.addr(walletKey(seed % WALLETS));
    }

    function assetAt(uint256 seed) public view returns (address) {
        return seed % 2 == 0 ? ETHER : address(token);
    }

    function fund(uint256 wallet, uint256 asset, uint256 amount) public {
        amount = amount % 1000;
        _fund(walletAt(wallet), assetAt(asset), amount);
        _books[assetAt(asset)][walletAt(wallet)] += amount;
    }

    function withdraw(uint256 wallet, uint256 asset, uint256 amount) external {
        (address account, address what) = (walletAt(wallet), assetAt(asset));
        amount = amount % 1500;
        bool can = amount <= _books[what][account];
        string memory refusal = _try(account, abi.encodeCall(exchange.withdraw, (what, amount)));
        require(_same(refusal, can ? "" : "balance is too small"), "withdraw");
        if (can) _books[what][account] -= amount;
    }

    function makeBid(uint256 from, uint256 to, uint256 asset, uint8 price, uint8 length) external {
        if (_made.length >= MAX_BIDS) return;
        Made storage made = _made.push();
        made.bidder = from % WALLETS;
        made.bid = Exchange.Bid({
            nonce: from % 5 == 0 ? bytes32(from) : _nonces[walletAt(from)],
            bid: price,
            expiration: uint64(block.timestamp + 1 + (from >> 8) % 500),
            hash: keccak256(abi.encode(_made.length)),
            format: "720p",
            to: communicationKey(to),
            payee: walletAt(to),
            asset: assetAt(asset),
            duration: 1 + uint32((to >> 8) % 30),
            segmentSeconds: 1 + length % 7,
            key: communicationKey(from % WALLETS)
        });
        made.digest = exchange.bidDigest(made.bid);
    }

    function open(uint256 seed) external {
        if (_made.length == 0) return;
        Made storage made = _made[seed % _made.length];
        address payer = walletAt(made.bidder);
        uint256 price = uint256(made.bid.bid) * made.bid.duration;
        bool can = !made.opened && block.timestamp < made.bid.expiration
            && _books[made.bid.asset][payer] >= price
            && (made.bidder >= 2 || _nonces[payer] == made.bid.nonce);
        bytes memory sig = _sign(walletKey(made.bidder), made.digest);
        bool done = _same(_open(made.bid.payee, made.bid, sig), "");
        require(done == can, "open");
        if (!can) return;
        _books[made.bid.asset][payer] -= price;
        (made.opened, made.escrow) = (true, price);
        if (made.bidder < 2) _nonces[payer] = made.digest;
    }

    function cash(uint256 seed, uint32 balance, bool own) external {
        if (_made.length == 0) return;
        Made storage made = _made[seed % _made.length];
        balance = balance % 40;
        uint256 signer = own ? made.bidder : made.bidder + 1;
        bytes memory sig = _signCheck(walletKey(signer % WALLETS), made.digest, balance);
        bool can = own && made.opened && made.escrow > 0;
        require(_same(_cash(made.bid.payee, made.bid, balance, sig), "") == can, "cash");
        if (!can) return;
        uint256 sold = uint256(balance) * made.bid.segmentSeconds;
        uint256 value = made.bid.bid * (sold < made.bid.duration ? sold : made.bid.duration);
        _books[made.bid.asset][made.bid.payee] += value;
        _books[made.bid.asset][walletAt(made.bidder)] += made.escrow - value;
        made.escrow = 0;
    }

    function reclaim(uint256 seed) external {
        if (_made.length == 0) return;
        Made storage made = _made[seed % _made.length];
        bool can = made.opened && made.escrow > 0 && block.timestamp >= made.bid.expiration;
        string memory refusal = _try(walletAt(seed), abi.encodeCall(exchange.reclaim, (made.bid)));
        require(_same(refusal, "") == can, "reclaim");
        if (!can) return;
        _books[made.bid.asset][walletAt(made.bidder)] += made.escrow;
        made.escrow = 0;
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + time % 100);
    }

    /// @notice What the exchange holds of an asset, and what it owes.
    function funds(uint256 asset)
        external
        view
        returns (uint256 held, uint256 balances, uint256 escrows)
    {
        address what = assetAt(asset);
        held = what == ETHER ? address(exchange).balance : token.balanceOf(address(exchange));
        for (uint256 i = 0; i < WALLETS; ++i) {
            balances += exchange.balanceOf(what, walletAt(i));
        }
        for (uint256 i = 0; i < _made.length; ++i) {
            if (_made[i].bid.asset != what) continue;
            (, uint96 escrow) = exchange.channelOf(_made[i].digest);
            escrows += escrow;
        }
    }

    /// @notice Whether balances, escrows and nonces are as in the books.
    function agree() external view returns (bool) {
        for (uint256 i = 0; i < WALLETS; ++i) {
            address wallet = walletAt(i);
            if (exchange.balanceOf(ETHER, wallet) != _books[ETHER][wallet]) return false;
            if (exchange.balanceOf(address(token), wallet) != _books[address(token)][wallet]) {
                return false;
            }
            if (users.nonceOf(wallet) != _nonces[wallet]) return false;
        }
        for (uint256 i = 0; i < _made.length; ++i) {
            (, uint96 escrow) = exchange.channelOf(_made[i].digest);
            if (escrow != _made[i].escrow) return false;
        }
        return true;
    }
}
