// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActiveSet} from "./ActiveSet.sol";
import {IBondingManager} from "./interfaces/IBondingManager.sol";
import {IRoundsManager} from "./interfaces/IRoundsManager.sol";
import {ITicketBroker} from "./interfaces/ITicketBroker.sol";
import {IWorkToken} from "./interfaces/IWorkToken.sol";
import {Owned} from "./Owned.sol";
import {Positions} from "./Positions.sol";
import {RoundClock} from "./RoundClock.sol";
import {Terms} from "./Terms.sol";
import {Precise} from "./lib/Precise.sol";

/// @title Bonding
/// @notice Orchestrators bond work tokens to themselves, and anyone bonds to an orchestrator. Stake
/// earns a part of what the orchestrator earns and is slashed with the orchestrator's own.
contract BondingManager is IBondingManager, Owned, Positions {
    /// @notice Rounds between unbonding and withdrawing.
    uint256 public immutable unbondingPeriod;

    /// @notice The only contract that may slash.
    address public verifier;

    /// @notice Stake was bonded.
    event Bond(
        address indexed newDelegate,
        address indexed oldDelegate,
        address indexed delegator,
        uint256 additionalAmount,
        uint256 bondedAmount
    );

    /// @notice Stake was unbonded; it can be withdrawn from `withdrawRound` on.
    event Unbond(
        address indexed delegate,
        address indexed delegator,
        uint256 unbondingLockId,
        uint256 amount,
        uint256 withdrawRound
    );

    /// @notice Unbonded stake was bonded again.
    event Rebond(
        address indexed delegate, address indexed delegator, uint256 unbondingLockId, uint256 amount
    );

    /// @notice Unbonded stake was withdrawn.
    event WithdrawStake(
        address indexed delegator,
        uint256 unbondingLockId,
        uint256 amount,
        uint256 withdrawRound
    );

    /// @notice Another contract may slash from now on.
    event VerifierSet(address indexed verifier);

    /// @param token_ The token that is bonded; this contract must be a minter of it.
    /// @param roundsManager The rounds; must be deployed already.
    /// @param ticketBroker_ The broker that holds the fees and is told who is registered.
    /// @param choices What the deployment chooses.
    constructor(
        IWorkToken token_,
        IRoundsManager roundsManager,
        ITicketBroker ticketBroker_,
        Choices memory choices
    )
        RoundClock(
            roundsManager.firstRound(), roundsManager.startTime(), roundsManager.roundLength()
        )
        ActiveSet(token_, choices)
        Terms(ticketBroker_)
    {
        require(choices.unbondingPeriod > 0, "unbonding period must be greater than 0");
        unbondingPeriod = choices.unbondingPeriod;
        verifier = choices.verifier;
        emit VerifierSet(choices.verifier);
    }

    /// @notice Bonds tokens of the caller, which it must have approved. What the caller has bonded to
    /// another orchestrator moves along, so an amount of 0 moves it; with nothing to move it only
    /// tries to enter the pool again. Stake counts from the next round on.
    /// @param amount Tokens to add.
    /// @param to The orchestrator to bond to: the caller, or one that is registered.
    function bond(uint256 amount, address to) external {
        _enterRound();
        address old = _accounts[msg.sender].open.delegate;
        _requireDelegate(to);
        uint256 joining = amount;
        if (old == to) {
            _refresh(msg.sender);
        } else if (old != address(0)) {
            require(old != msg.sender, "registered transcoders can't delegate towards other addresses");
            joining += _leaveDelegate(msg.sender);
            _update(old);
        }
        require(old == to || joining > 0, "bonded amount must be greater than 0");
        _join(msg.sender, to, joining);
        if (to == msg.sender && old != to) ticketBroker.setRegistered(to, true);
        _update(to);
        emit Bond(to, old, msg.sender, amount, pendingStake(msg.sender));
        if (amount > 0) {
            require(token.transferFrom(msg.sender, address(this), amount), "token transfer failed");
        }
    }

    /// @notice Takes stake out of bonding and locks it for the unbonding period. An orchestrator that
    /// unbonds everything is no longer registered.
    /// @param amount Tokens to unbond.
    function unbond(uint256 amount) external {
        _enterRound();
        Account storage account = _accounts[msg.sender];
        address delegate = account.open.delegate;
        require(delegate != address(0), "caller must be bonded");
        require(amount > 0, "unbond amount must be greater than 0");
        (Term storage next, Position storage open) = _refresh(msg.sender);
        uint256 bonded = uint256(open.held) + open.fresh;
        require(amount <= bonded, "amount is greater than bonded amount");
        _reduce(next, open, amount);
        uint256 lockId = account.nextUnbondingLockId;
        uint256 withdrawRound = _currentRound() + unbondingPeriod;
        account.nextUnbondingLockId = uint32(lockId + 1);
        account.locks[lockId] = UnbondingLock(uint96(amount), uint64(withdrawRound));
        if (amount == bonded) {
            delete account.open;
            if (delegate == msg.sender) ticketBroker.setRegistered(delegate, false);
        }
        _update(delegate);
        emit Unbond(delegate, msg.sender, lockId, amount, withdrawRound);
    }

    /// @notice Bonds a lock again, to the orchestrator that the caller is bonded to.
    /// @param unbondingLockId The lock.
    function rebond(uint256 unbondingLockId) external {
        address delegate = _accounts[msg.sender].open.delegate;
        require(delegate != address(0), "caller must be bonded");
        _enterRound();
        _requireDelegate(delegate);
        _refresh(msg.sender);
        _rejoin(delegate, unbondingLockId);
    }

    /// @notice Bonds a lock again, to any orchestrator. The caller must have nothing else bonded.
    /// @param to The orchestrator: the caller, or one that is registered.
    /// @param unbondingLockId The lock.
    function rebondFromUnbonded(address to, uint256 unbondingLockId) external {
        require(_accounts[msg.sender].open.delegate == address(0), "caller must be unbonded");
        _enterRound();
        _requireDelegate(to);
        if (to == msg.sender) ticketBroker.setRegistered(to, true);
        _rejoin(to, unbondingLockId);
    }

    /// @notice Pays out an unbonding lock whose round has come.
    /// @param unbondingLockId The lock.
    function withdrawStake(uint256 unbondingLockId) external {
        UnbondingLock memory lock = _takeLock(unbondingLockId);
        require(
            lock.withdrawRound <= _currentRound(),
            "withdraw round must be before or equal to the current round"
        );
        emit WithdrawStake(msg.sender, unbondingLockId, lock.amount, lock.withdrawRound);
        require(token.transfer(msg.sender, lock.amount), "token transfer failed");
    }

    /// @notice Sets the caller's shares, from the next round on.
    /// @param rewardCut Part of the inflation that the orchestrator keeps, per million.
    /// @param feeShare Part of the fees that it passes on to all stake, its own too, per million.
    function transcoder(uint256 rewardCut, uint256 feeShare) external {
        require(isRegisteredTranscoder(msg.sender), "transcoder must be registered");
        require(rewardCut <= Precise.PARTS, "rewardCut is greater than 1000000");
        require(feeShare <= Precise.PARTS, "feeShare is greater than 1000000");
        _enterRound();
        (Term storage next,) = _openTerm(msg.sender);
        (next.rewardCut, next.feeShare) = (uint32(rewardCut), uint32(feeShare));
        emit TranscoderUpdate(msg.sender, rewardCut, feeShare, next.startRound);
    }

    /// @notice Mints the caller's part of the round's inflation and divides it by its reward cut
    /// among the stake bonded to it. Once a round, while active.
    function reward() external {
        require(
            isActiveTranscoder(msg.sender) && isRegisteredTranscoder(msg.sender),
            "caller must be an active transcoder"
        );
        Activity storage self = _activities[msg.sender];
        uint256 round = _currentRound();
        require(
            self.lastRewardRound != round,
            "caller has already called reward for the current round"
        );
        _enterRound();
        uint256 rewards = _reward(msg.sender);
        self.lastRewardRound = uint64(round);
        _update(msg.sender);
        if (rewards > 0) token.mint(address(this), rewards);
    }

    /// @notice Slashes an orchestrator and all who are bonded to it, pro rata. Only the verifier may.
    /// Stake that was unbonded before is out of reach.
    /// @param transcoder_ The orchestrator.
    /// @param finder Who found the fault; null for nobody.
    /// @param slashAmount Part of the stake, per million.
    /// @param finderFee Part of the penalty that the finder gets, per million; the rest is burnt.
    function slashTranscoder(
        address transcoder_,
        address finder,
        uint256 slashAmount,
        uint256 finderFee
    ) external {
        require(msg.sender == verifier, "caller must be Verifier");
        require(slashAmount <= Precise.PARTS, "slashAmount is greater than 1000000");
        require(finderFee <= Precise.PARTS, "finderFee is greater than 1000000");
        require(transcoderTotalStake(transcoder_) > 0, "transcoder has no stake");
        _enterRound();
        uint256 penalty = _slash(transcoder_, slashAmount);
        _update(transcoder_);
        uint256 bounty = finder == address(0) ? 0 : penalty * finderFee / Precise.PARTS;
        emit TranscoderSlashed(transcoder_, finder, penalty, bounty);
        token.burn(penalty - bounty);
        if (bounty > 0) require(token.transfer(finder, bounty), "token transfer failed");
    }

    /// @notice Lets another contract slash instead.
    /// @param verifier_ The contract; null for none.
    function setVerifier(address verifier_) external onlyOwner {
        verifier = verifier_;
        emit VerifierSet(verifier_);
    }

    /// @inheritdoc IBondingManager
    function takeFees(address account, uint256 amount) external {
        require(msg.sender == address(ticketBroker), "caller must be TicketBroker");
        _claimFees(account);
        require(amount <= _fees[account], "insufficient fees to withdraw");
        _fees[account] -= amount;
    }

    /// @inheritdoc IBondingManager
    function reserveDivisor(address claimant) external view returns (uint256) {
        return isActiveTranscoder(claimant) ? currentRoundPoolSize() : 0;
    }

    /// @inheritdoc IBondingManager
    function pendingFees(address account)
        public
        view
        override(IBondingManager, Positions)
        returns (uint256)
    {
        return super.pendingFees(account);
    }

    /// @inheritdoc IBondingManager
    function sharesAt(address transcoder_, uint256 round)
        external
        view
        returns (uint256 rewardCut, uint256 feeShare)
    {
        Term[] storage terms = _terms[transcoder_];
        for (uint256 i = terms.length; i > 0; --i) {
            Term storage term = terms[i - 1];
            if (term.startRound <= round) return (term.rewardCut, term.feeShare);
        }
    }

    /// @notice One unbonding lock; zeros when there is none.
    /// @param delegator Whose lock.
    /// @param unbondingLockId Which lock; they are numbered from 0.
    function getDelegatorUnbondingLock(address delegator, uint256 unbondingLockId)
        external
        view
        returns (uint256 amount, uint256 withdrawRound)
    {
        UnbondingLock memory lock = _accounts[delegator].locks[unbondingLockId];
        return (lock.amount, lock.withdrawRound);
    }

    function _rejoin(address delegate, uint256 lockId) private {
        UnbondingLock memory lock = _takeLock(lockId);
        _join(msg.sender, delegate, lock.amount);
        _update(delegate);
        emit Rebond(delegate, msg.sender, lockId, lock.amount);
    }

    function _takeLock(uint256 lockId) private returns (UnbondingLock memory lock) {
        lock = _accounts[msg.sender].locks[lockId];
        require(lock.amount > 0, "invalid unbonding lock ID");
        delete _accounts[msg.sender].locks[lockId];
    }

    function _requireDelegate(address to) private view {
        require(
            to == msg.sender || isRegisteredTranscoder(to),
            "delegate must be a registered transcoder"
        );
    }

    /// @dev Who is not registered has no place in the pool, whatever is bonded to it.
    function _update(address orchestrator) private {
        bool registered = isRegisteredTranscoder(orchestrator);
        _place(orchestrator, registered ? transcoderTotalStake(orchestrator) : 0);
    }
}
