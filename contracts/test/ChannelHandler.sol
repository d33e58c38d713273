// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ChannelFixture, Channels} from "./ChannelFixture.sol";
import {vm} from "./Vm.sol";

/// @title Everything anyone can do to channels, in any order
/// @notice Whatever a call does, the books here say where the money must be afterwards.
contract ChannelHandler is ChannelFixture {
    uint256 private constant PAYER = 0xa11ce;
    uint256 private constant PAYEE = 0xb0b;
    uint256 public constant SIZE = 8;

    /// @notice What went in, and out to either party, by channel.
    uint256[SIZE] public deposited;
    uint256[SIZE] public toPayer;
    uint256[SIZE] public toPayee;
    /// @notice The quantity published, 0 while there is none, or the one closed at.
    uint256[SIZE] public agreed;
    bool[SIZE] public paidOut;
    bool[SIZE] public revoked;

    Channels.Terms[SIZE] private _terms;

    constructor() {
        for (uint256 i = 0; i < SIZE; ++i) {
            address asset = i % 2 == 0 ? address(0) : address(coin);
            _terms[i] =
                Channels.Terms(vm.addr(PAYER + i), vm.addr(PAYEE + i), asset, _hash160(_spend(i)), 20);
        }
    }

    function termsOf(uint256 index) public view returns (Channels.Terms memory) {
        return _terms[index];
    }

    function balanceOf(uint256 index) external view returns (Channels.Channel memory) {
        return _of(termsOf(index));
    }

    function holdings(bool isToken) external view returns (uint256) {
        return _held(isToken ? address(coin) : address(0), address(channels));
    }

    function pass(uint256 blocks) external {
        vm.roll(block.number + 1 + blocks % 6);
    }

    function deposit(uint256 seed, uint256 amount) external {
        uint256 index = seed % SIZE;
        amount = 1 + amount % 1 ether;
        Channels.Terms memory terms = termsOf(index);
        if (deposited[index] != 0) return;
        _deposit(terms, amount);
        deposited[index] = amount;
    }

    function topUp(uint256 seed, uint256 amount) external {
        uint256 index = seed % SIZE;
        amount = 1 + amount % 1 ether;
        Channels.Terms memory terms = termsOf(index);
        uint256 value = terms.asset == address(0) ? amount : 0;
        vm.deal(terms.payer, terms.payer.balance + value);
        if (value == 0) {
            require(coin.transfer(terms.payer, amount), "coins");
            vm.prank(terms.payer);
            coin.approve(address(channels), amount);
        }
        vm.prank(terms.payer);
        try channels.topUp{value: value}(terms, amount) {
            deposited[index] += amount;
        } catch {}
        _sweep(terms);
    }

    function publish(uint256 seed, uint256 part, uint16 delay) external {
        uint256 index = seed % SIZE;
        Channels.Terms memory terms = termsOf(index);
        uint112 quantity = uint112(part % (deposited[index] + 2));
        bytes20 hash = _hash160(_revoke(index));
        bytes memory sig = _commit(PAYER + index, terms, quantity, hash, delay % 5);
        vm.prank(terms.payee);
        try channels.publishCommit(terms, quantity, hash, delay % 5, sig) {
            require(agreed[index] == 0, "published once");
            agreed[index] = quantity;
        } catch {}
    }

    function payout(uint256 seed, bool isRight) external {
        uint256 index = seed % SIZE;
        bytes32 secret = isRight ? _spend(index) : _revoke(index);
        try channels.payout(termsOf(index), secret) {
            require(isRight && !revoked[index], "payout and revoke exclude each other");
            paidOut[index] = true;
        } catch {}
        _collect(index);
    }

    function revoke(uint256 seed, bool isRight) external {
        uint256 index = seed % SIZE;
        bytes32 secret = isRight ? _revoke(index) : _spend(index);
        try channels.revoke(termsOf(index), secret) {
            require(isRight && !paidOut[index], "payout and revoke exclude each other");
            revoked[index] = true;
        } catch {}
        _collect(index);
    }

    function recoverChange(uint256 seed, bool isRight) external {
        uint256 index = seed % SIZE;
        try channels.recoverChange(termsOf(index), isRight ? _spend(index) : bytes32(0)) {} catch {}
        _collect(index);
    }

    function recoverExpired(uint256 seed) external {
        uint256 index = seed % SIZE;
        try channels.recoverExpired(termsOf(index)) {} catch {}
        _collect(index);
    }

    function close(uint256 seed, uint256 part) external {
        uint256 index = seed % SIZE;
        Channels.Terms memory terms = termsOf(index);
        uint112 quantity = uint112(part % (deposited[index] + 2));
        bytes32 digest = _closing(terms, quantity);
        bytes memory payerSig = _signature(PAYER + index, digest);
        bytes memory payeeSig = _signature(PAYEE + index, digest);
        try channels.close(terms, quantity, payerSig, payeeSig) {
            require(agreed[index] == 0, "one agreed quantity");
            agreed[index] = quantity;
            paidOut[index] = true;
        } catch {}
        _collect(index);
    }

    /// @dev Books what either party got, and takes it away from them.
    function _collect(uint256 index) private {
        Channels.Terms memory terms = termsOf(index);
        toPayer[index] += _held(terms.asset, terms.payer);
        toPayee[index] += _held(terms.asset, terms.payee);
        _sweep(terms);
    }

    function _sweep(Channels.Terms memory terms) private {
        _empty(terms.asset, terms.payer);
        _empty(terms.asset, terms.payee);
    }

    function _empty(address asset, address account) private {
        if (asset == address(0)) {
            vm.deal(account, 0);
            return;
        }
        uint256 amount = coin.balanceOf(account);
        vm.prank(account);
        require(coin.transfer(address(this), amount), "coins");
    }

    function _spend(uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encode("spend", index));
    }

    function _revoke(uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encode("revoke", index));
    }
}
