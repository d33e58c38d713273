// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBondingManager} from "./interfaces/IBondingManager.sol";
import {IRoundsManager} from "./interfaces/IRoundsManager.sol";
import {ITicketBroker} from "./interfaces/ITicketBroker.sol";
import {BrokerSettings} from "./BrokerSettings.sol";
import {FeeBook} from "./FeeBook.sol";
import {RoundClock} from "./RoundClock.sol";
import {SenderAccounts} from "./SenderAccounts.sol";
import {TicketSignature} from "./lib/TicketSignature.sol";

/// @title The broker of lottery tickets
/// @notice Pays the recipients of winning tickets from the deposits and reserves of their senders.
/// A ticket is paid its whole face value or the redemption reverts and the ticket stays unused.
contract TicketBroker is ITicketBroker, SenderAccounts, FeeBook {
    /// @notice A ticket. Its hash is the keccak256 of the fields packed in this order.
    struct Ticket {
        /// Who is paid.
        address recipient;
        /// Who pays.
        address sender;
        /// Wei paid if the ticket wins.
        uint256 faceValue;
        /// The ticket wins with a probability of winProb / 2^256.
        uint256 winProb;
        /// Makes tickets with the same recipientRandHash different.
        uint256 senderNonce;
        /// keccak256 of the recipient's random number.
        bytes32 recipientRandHash;
        /// The creation round and its block hash, 32 bytes each.
        bytes auxData;
    }

    /// @notice The rounds.
    IRoundsManager public immutable roundsManager;

    mapping(bytes32 ticketHash => uint256 used) private _used;

    string private constant NOT_REGISTERED = "transcoder must be registered";
    string private constant INSUFFICIENT =
        "sender deposit and reserve insufficient to cover ticket face value";

    /// @notice A recipient was credited.
    event WinningTicketTransfer(address indexed sender, address indexed recipient, uint256 amount);

    /// @notice A winning ticket was redeemed.
    event WinningTicketRedeemed(
        address indexed sender,
        address indexed recipient,
        uint256 faceValue,
        uint256 winProb,
        uint256 senderNonce,
        uint256 recipientRand,
        bytes auxData
    );

    /// @notice An account withdrew fees.
    event WithdrawFees(address indexed account, address recipient, uint256 amount);

    /// @param roundsManager_ The rounds; must be deployed already.
    /// @param bondingManager_ Who is registered and active.
    /// @param unlockPeriod_ Rounds between unlocking and withdrawing.
    /// @param ticketValidityPeriod_ Rounds for which a ticket is valid.
    constructor(
        IRoundsManager roundsManager_,
        IBondingManager bondingManager_,
        uint256 unlockPeriod_,
        uint256 ticketValidityPeriod_
    )
        BrokerSettings(unlockPeriod_, ticketValidityPeriod_)
        RoundClock(
            roundsManager_.firstRound(), roundsManager_.startTime(), roundsManager_.roundLength()
        )
        SenderAccounts(bondingManager_)
    {
        roundsManager = roundsManager_;
    }

    /// @inheritdoc ITicketBroker
    function roundInitialized(uint256 round, bytes32 blockHash) external {
        require(msg.sender == address(roundsManager), "caller must be RoundsManager");
        _settings.lastInitializedRound = uint64(round);
        _roundBlockHashes[round] = blockHash;
    }

    /// @inheritdoc ITicketBroker
    function setRegistered(address recipient, bool registered) external {
        require(msg.sender == address(bondingManager), "caller must be BondingManager");
        _setRegistered(recipient, registered);
    }

    /// @inheritdoc ITicketBroker
    function collectFees(address recipient, uint256 boundary)
        external
        returns (uint256 newest, uint256 before, uint256 earlier)
    {
        require(msg.sender == address(bondingManager), "caller must be BondingManager");
        return _collect(recipient, boundary);
    }

    /// @notice Pays fees of the caller out: its own as an orchestrator and its part of those of the
    /// orchestrators it is or was bonded to.
    /// @param recipient Who receives them.
    /// @param amount Wei; at most {pendingFees} of the caller.
    function withdrawFees(address payable recipient, uint256 amount) external {
        require(recipient != address(0), "invalid recipient");
        bondingManager.takeFees(msg.sender, amount);
        emit WithdrawFees(msg.sender, recipient, amount);
        (bool sent,) = recipient.call{value: amount}("");
        require(sent, "ether transfer failed");
    }

    /// @notice Fees an account can withdraw, in wei.
    /// @param account The orchestrator or delegator.
    function pendingFees(address account) external view returns (uint256) {
        return bondingManager.pendingFees(account);
    }

    /// @inheritdoc ITicketBroker
    function uncollectedFees(address recipient)
        external
        view
        returns (uint256 boundary, uint256 newest, uint256 before, uint256 earlier)
    {
        return _uncollected(recipient);
    }

    /// @notice Redeems a winning ticket. Anyone may call it; the recipient is credited.
    /// @param ticket The ticket.
    /// @param sig The sender's signature of the ticket hash under EIP-191: r, s, v.
    /// @param recipientRand The number whose hash the ticket carries.
    function redeemWinningTicket(Ticket calldata ticket, bytes calldata sig, uint256 recipientRand)
        external
    {
        Settings memory settings = _settings;
        uint256 round = _requireOpen(settings);
        string memory refusal =
            _redeem(ticket, sig, recipientRand, round, settings.ticketValidityPeriod);
        if (bytes(refusal).length != 0) revert(refusal);
    }

    /// @notice Redeems many tickets. One that cannot be redeemed is left unused and does not hinder
    /// the others.
    /// @param tickets The tickets.
    /// @param sigs A signature for each.
    /// @param recipientRands A recipientRand for each.
    function batchRedeemWinningTickets(
        Ticket[] calldata tickets,
        bytes[] calldata sigs,
        uint256[] calldata recipientRands
    ) external {
        Settings memory settings = _settings;
        uint256 round = _requireOpen(settings);
        uint256 count = tickets.length;
        require(
            sigs.length >= count && recipientRands.length >= count,
            "batch lacks a signature or a recipientRand"
        );
        for (uint256 i = 0; i < count; ++i) {
            _redeem(tickets[i], sigs[i], recipientRands[i], round, settings.ticketValidityPeriod);
        }
    }

    /// @notice Whether a ticket was redeemed.
    /// @param ticketHash The hash of the ticket.
    function usedTickets(bytes32 ticketHash) external view returns (bool) {
        return _used[ticketHash] != 0;
    }

    /// @notice The hash that identifies a ticket and that its sender signs.
    /// @param ticket The ticket.
    function getTicketHash(Ticket calldata ticket) public pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                ticket.recipient,
                ticket.sender,
                ticket.faceValue,
                ticket.winProb,
                ticket.senderNonce,
                ticket.recipientRandHash,
                ticket.auxData
            )
        );
    }

    /// @dev Pays a ticket and returns an empty string, or changes nothing and returns why not. A
    /// refusal is returned instead of thrown so that a batch needs no call for each ticket, and so
    /// that too little gas fails a batch instead of being taken for a bad ticket.
    function _redeem(
        Ticket calldata ticket,
        bytes calldata sig,
        uint256 recipientRand,
        uint256 round,
        uint256 validityPeriod
    ) private returns (string memory refusal) {
        uint256 creationRound;
        (creationRound, refusal) = _checkTicket(ticket, round, validityPeriod);
        if (bytes(refusal).length != 0) return refusal;
        if (keccak256(abi.encode(recipientRand)) != ticket.recipientRandHash) {
            return "recipientRand does not match recipientRandHash";
        }
        bytes32 ticketHash = getTicketHash(ticket);
        if (_used[ticketHash] != 0) return "ticket is used";
        refusal = TicketSignature.check(ticket.sender, ticketHash, sig);
        if (bytes(refusal).length != 0) return refusal;
        if (uint256(keccak256(abi.encodePacked(sig, recipientRand))) >= ticket.winProb) {
            return "ticket did not win";
        }
        refusal = _pay(ticket, round, creationRound);
        if (bytes(refusal).length != 0) return refusal;
        _used[ticketHash] = 1;
        emit WinningTicketRedeemed(
            ticket.sender,
            ticket.recipient,
            ticket.faceValue,
            ticket.winProb,
            ticket.senderNonce,
            recipientRand,
            ticket.auxData
        );
    }

    /// @dev Every check comes before the first write.
    function _pay(Ticket calldata ticket, uint256 round, uint256 creationRound)
        private
        returns (string memory refusal)
    {
        address sender = ticket.sender;
        address recipient = ticket.recipient;
        uint256 faceValue = ticket.faceValue;
        Account memory account = _load(sender);
        if (account.withdrawRound != 0 && round >= account.withdrawRound) {
            return "sender is unlocked";
        }
        if (account.deposit == 0 && account.reserve == 0) return NO_FUNDS;
        if (faceValue == 0) return refusal;
        if (faceValue > account.deposit) {
            if (faceValue > account.deposit + account.reserve) return INSUFFICIENT;
            if (!isRegistered(recipient)) return NOT_REGISTERED;
            uint256 shortfall = faceValue - account.deposit;
            if (shortfall > _claimable(sender, recipient, account.reserve)) return INSUFFICIENT;
            _book(recipient, creationRound, faceValue);
            _claim(sender, recipient, shortfall);
            account.deposit = 0;
            account.reserve -= shortfall;
        } else {
            if (!_book(recipient, creationRound, faceValue)) return NOT_REGISTERED;
            account.deposit -= faceValue;
        }
        _store(sender, account);
        emit WinningTicketTransfer(sender, recipient, faceValue);
    }

    function _requireOpen(Settings memory settings) private view returns (uint256 round) {
        require(!settings.paused, "system is paused");
        round = _currentRound();
        require(settings.lastInitializedRound == round, "current round is not initialized");
    }

    function _checkTicket(Ticket calldata ticket, uint256 round, uint256 validityPeriod)
        private
        view
        returns (uint256 creationRound, string memory refusal)
    {
        if (ticket.recipient == address(0)) return (0, "ticket recipient is null address");
        if (ticket.sender == address(0)) return (0, "ticket sender is null address");
        bytes calldata auxData = ticket.auxData;
        if (auxData.length != 64) return (0, "invalid length for ticket auxData: must be 64 bytes");
        creationRound = uint256(bytes32(auxData[0:32]));
        bytes32 blockHash = _roundBlockHashes[creationRound];
        if (blockHash == bytes32(0)) return (0, "ticket creationRound does not have a block hash");
        if (blockHash != bytes32(auxData[32:64])) {
            return (0, "ticket creationRoundBlockHash invalid for creationRound");
        }
        if (creationRound + validityPeriod <= round) return (0, "ticket is expired");
    }
}
