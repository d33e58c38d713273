// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// The contracts as their users see them. The tests run the bytecode that ships, see scripts/forge.ts,
// and import none of its sources: they would be compiled anew for every test contract.

/// @title TicketBroker
interface Broker {
    struct Ticket {
        address recipient;
        address sender;
        uint256 faceValue;
        uint256 winProb;
        uint256 senderNonce;
        bytes32 recipientRandHash;
        bytes auxData;
    }

    struct Sender {
        uint256 deposit;
        uint256 withdrawRound;
    }

    struct ReserveInfo {
        uint256 fundsRemaining;
        uint256 claimedInCurrentRound;
    }

    function fundDeposit() external payable;
    function fundReserve() external payable;
    function fundDepositAndReserve(uint256 deposit, uint256 reserve) external payable;
    function fundDepositAndReserveFor(address sender, uint256 deposit, uint256 reserve)
        external
        payable;
    function unlock() external;
    function cancelUnlock() external;
    function withdraw() external;
    function withdrawFees(address payable recipient, uint256 amount) external;
    function redeemWinningTicket(Ticket calldata ticket, bytes calldata sig, uint256 recipientRand)
        external;
    function batchRedeemWinningTickets(
        Ticket[] calldata tickets,
        bytes[] calldata sigs,
        uint256[] calldata recipientRands
    ) external;
    function pause() external;
    function roundInitialized(uint256 round, bytes32 blockHash) external;
    function setRegistered(address recipient, bool registered) external;
    function getTicketHash(Ticket calldata ticket) external pure returns (bytes32);
    function getSenderInfo(address sender)
        external
        view
        returns (Sender memory, ReserveInfo memory);
    function getReserveInfo(address holder) external view returns (ReserveInfo memory);
    function claimableReserve(address holder, address claimant) external view returns (uint256);
    function claimedReserve(address holder, address claimant) external view returns (uint256);
    function isUnlockInProgress(address sender) external view returns (bool);
    function isRegistered(address recipient) external view returns (bool);
    function pendingFees(address recipient) external view returns (uint256);
    function usedTickets(bytes32 ticketHash) external view returns (bool);
}

/// @title RoundsManager
interface Rounds {
    function initializeRound() external;
    function currentRound() external view returns (uint256);
    function currentRoundInitialized() external view returns (bool);
    function blockHashForRound(uint256 round) external view returns (bytes32);
}

/// @title BondingManager
interface Bonding {
    function bond(uint256 amount, address to) external;
    function unbond(uint256 amount) external;
    function reserveDivisor(address claimant) external view returns (uint256);
    function getTranscoderPoolSize() external view returns (uint256);
    function getTranscoderPool() external view returns (address[] memory);
}

/// @title WorkToken
interface Token {
    function approve(address spender, uint256 amount) external returns (bool);
    function transfer(address to, uint256 amount) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
}
