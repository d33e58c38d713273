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
    struct Choices {
        uint8 policy;
        uint64 poolMaxSize;
        uint96 requiredStake;
        uint64 unbondingPeriod;
        uint64 inflation;
        uint64 inflationChange;
        uint64 targetBondingRate;
        address verifier;
    }

    struct Term {
        uint64 startRound;
        uint96 stake;
        uint96 ownRewards;
        uint32 rewardCut;
        uint32 feeShare;
        uint96 sharedFees;
        uint96 fresh;
        uint128 rewardFactor;
        uint128 slashFactor;
        uint256 feeFactor;
    }

    function bond(uint256 amount, address to) external;
    function unbond(uint256 amount) external;
    function rebond(uint256 lockId) external;
    function rebondFromUnbonded(address to, uint256 lockId) external;
    function withdrawStake(uint256 lockId) external;
    function transcoder(uint256 rewardCut, uint256 feeShare) external;
    function reward() external;
    function slashTranscoder(address orchestrator, address finder, uint256 amount, uint256 fee)
        external;
    function setVerifier(address verifier) external;
    function takeFees(address account, uint256 amount) external;
    function reserveDivisor(address claimant) external view returns (uint256);
    function isActiveTranscoder(address account) external view returns (bool);
    function isRegisteredTranscoder(address account) external view returns (bool);
    function transcoderTotalStake(address account) external view returns (uint256);
    function pendingStake(address account) external view returns (uint256);
    function pendingFees(address account) external view returns (uint256);
    function pendingReward(address account) external view returns (uint256);
    function currentMintableTokens() external view returns (uint256);
    function currentRoundTotalActiveStake() external view returns (uint256);
    function sharesAt(address account, uint256 round) external view returns (uint256, uint256);
    function getDelegatorUnbondingLock(address account, uint256 lockId)
        external
        view
        returns (uint256 amount, uint256 withdrawRound);
    function getDelegator(address account)
        external
        view
        returns (address delegate, uint256 stake, uint256 startRound, uint256 fees, uint256 locks);
    function getTermCount(address account) external view returns (uint256);
    function getTerms(address account, uint256 first, uint256 count)
        external
        view
        returns (Term[] memory);
    function getTranscoderPoolSize() external view returns (uint256);
    function getTranscoderPool() external view returns (address[] memory);
}

/// @title WorkToken
interface Token {
    function approve(address spender, uint256 amount) external returns (bool);
    function transfer(address to, uint256 amount) external returns (bool);
    function mint(address to, uint256 amount) external;
    function burn(uint256 amount) external;
    function setMinter(address account, bool allowed) external;
    function balanceOf(address account) external view returns (uint256);
    function totalSupply() external view returns (uint256);
}
