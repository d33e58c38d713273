// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bonding, Broker, Rounds, Token} from "./Interfaces.sol";
import {vm} from "./Vm.sol";

/// @title The contracts, deployed as the node deploys them, and ways to act on them
abstract contract Fixture {
    /// @dev What comes with a ticket to redeem it.
    struct Redemption {
        Broker.Ticket ticket;
        bytes sig;
        uint256 recipientRand;
    }

    uint256 internal constant ROUND_SECONDS = 1000;
    uint256 internal constant UNLOCK_PERIOD = 2;
    uint256 internal constant VALIDITY_PERIOD = 2;
    uint256 internal constant POOL_SIZE = 3;
    uint256 internal constant MOST = type(uint256).max;

    string internal constant INSUFFICIENT =
        "sender deposit and reserve insufficient to cover ticket face value";

    Token internal token;
    Rounds internal rounds;
    Bonding internal bonding;
    Broker internal broker;

    uint256 private _nonces;

    constructor() {
        uint256 nonce = vm.getNonce(address(this));
        address brokerAt = vm.computeCreateAddress(address(this), nonce + 3);
        address bondingAt = vm.computeCreateAddress(address(this), nonce + 2);
        token = Token(_create("WorkToken", abi.encode(1_000_000 ether, bondingAt)));
        rounds = Rounds(_create("RoundsManager", abi.encode(ROUND_SECONDS, 1, brokerAt)));
        bonding = Bonding(
            _create("BondingManager", abi.encode(token, rounds, brokerAt, _choices()))
        );
        broker = Broker(
            _create(
                "TicketBroker", abi.encode(rounds, bonding, UNLOCK_PERIOD, VALIDITY_PERIOD)
            )
        );
        require(address(broker) == brokerAt, "the contracts know one another");
        vm.roll(10);
        rounds.initializeRound();
    }

    /// @dev What a test deploys otherwise, it overrides.
    function _choices() internal view virtual returns (Bonding.Choices memory) {
        return Bonding.Choices({
            policy: 0,
            poolMaxSize: uint64(POOL_SIZE),
            requiredStake: 0,
            unbondingPeriod: 7,
            inflation: 220_000,
            inflationChange: 500,
            targetBondingRate: 500_000_000,
            verifier: address(0)
        });
    }

    /// @dev With the creation code that the node deploys.
    function _create(string memory name, bytes memory arguments) private returns (address made) {
        bytes memory code =
            bytes.concat(vm.getCode(string.concat(".cache/forge/code/", name, ".json")), arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
        }
        require(made != address(0), string.concat("deploying ", name));
    }

    function keyOf(uint256 number) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("key", number)));
    }

    function _nextRound() internal {
        _skipTo(rounds.currentRound() + 1);
        rounds.initializeRound();
    }

    /// @dev A round that nobody has initialized.
    function _skipTo(uint256 round) internal {
        vm.warp(block.timestamp + (round - rounds.currentRound()) * ROUND_SECONDS);
        vm.roll(block.number + 1);
    }

    function _bond(address orchestrator, uint256 amount) internal {
        require(token.transfer(orchestrator, amount), "stake for an orchestrator");
        vm.prank(orchestrator);
        token.approve(address(bonding), amount);
        vm.prank(orchestrator);
        bonding.bond(amount, orchestrator);
    }

    function _fund(address sender, uint256 deposit, uint256 reserve) internal {
        vm.deal(sender, deposit + reserve);
        vm.prank(sender);
        broker.fundDepositAndReserve{value: deposit + reserve}(deposit, reserve);
    }

    /// @dev A ticket that wins, of the current round.
    function _ticket(uint256 senderKey, address recipient, uint256 faceValue)
        internal
        returns (Redemption memory)
    {
        return _ticketOf(senderKey, recipient, faceValue, rounds.currentRound());
    }

    function _ticketOf(uint256 senderKey, address recipient, uint256 faceValue, uint256 round)
        internal
        returns (Redemption memory made)
    {
        uint256 rand = ++_nonces;
        made.recipientRand = rand;
        made.ticket = Broker.Ticket({
            recipient: recipient,
            sender: vm.addr(senderKey),
            faceValue: faceValue,
            winProb: MOST,
            senderNonce: rand,
            recipientRandHash: keccak256(abi.encode(rand)),
            auxData: abi.encode(round, rounds.blockHashForRound(round))
        });
        made.sig = _sign(senderKey, made.ticket);
    }

    function _sign(uint256 key, Broker.Ticket memory ticket)
        internal
        view
        returns (bytes memory)
    {
        bytes32 digest = keccak256(
            abi.encodePacked("\x19Ethereum Signed Message:\n32", broker.getTicketHash(ticket))
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev Why a redemption was refused; empty when it was accepted.
    function _redeem(Redemption memory made) internal returns (string memory) {
        try broker.redeemWinningTicket(made.ticket, made.sig, made.recipientRand) {
            return "";
        } catch Error(string memory reason) {
            return reason;
        }
    }

    function _isUsed(Redemption memory made) internal view returns (bool) {
        return broker.usedTickets(broker.getTicketHash(made.ticket));
    }

    function _deposit(address sender) internal view returns (uint256) {
        (Broker.Sender memory account,) = broker.getSenderInfo(sender);
        return account.deposit;
    }

    function _reserve(address sender) internal view returns (uint256) {
        return broker.getReserveInfo(sender).fundsRemaining;
    }

    function _same(string memory a, string memory b) internal pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }

    /// @dev A number from `low` to `high`, both included.
    function _within(uint256 seed, uint256 low, uint256 high) internal pure returns (uint256) {
        if (low == 0 && high == MOST) return seed;
        return low + seed % (high - low + 1);
    }
}
