// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBondingManager} from "./interfaces/IBondingManager.sol";
import {IERC20} from "./interfaces/IERC20.sol";
import {IRoundsManager} from "./interfaces/IRoundsManager.sol";
import {ITicketBroker} from "./interfaces/ITicketBroker.sol";
import {SortedPool} from "./lib/SortedPool.sol";
import {RoundClock} from "./RoundClock.sol";

/// @title Bonding
/// @notice Orchestrators bond work tokens to themselves. Those with the most stake form a pool of
/// bounded size; who is in it at the start of a round is active in that round.
contract BondingManager is IBondingManager, RoundClock {
    using SortedPool for SortedPool.Pool;

    /// @dev One slot. Active in every round from `activationRound` up to, not including,
    /// `deactivationRound`.
    struct Orchestrator {
        uint96 bondedAmount;
        uint64 activationRound;
        uint64 deactivationRound;
        uint32 nextUnbondingLockId;
    }

    struct UnbondingLock {
        uint96 amount;
        uint64 withdrawRound;
    }

    /// @dev Size of the pool at the start of `round`, recorded before its first change in that round.
    struct PoolSnapshot {
        uint64 round;
        uint64 size;
    }

    uint64 private constant FOREVER = type(uint64).max;

    /// @notice The token that is bonded.
    IERC20 public immutable token;

    /// @notice The broker that is told who is registered.
    ITicketBroker public immutable ticketBroker;

    /// @notice Rounds between unbonding and withdrawing.
    uint256 public immutable unbondingPeriod;

    /// @notice How many orchestrators the pool holds at most.
    uint256 public immutable getTranscoderPoolMaxSize;

    SortedPool.Pool private _pool;
    PoolSnapshot private _snapshot;
    mapping(address account => Orchestrator orchestrator) private _orchestrators;
    mapping(address account => mapping(uint256 lockId => UnbondingLock lock)) private _locks;

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

    /// @notice Unbonded stake was withdrawn.
    event WithdrawStake(
        address indexed delegator,
        uint256 unbondingLockId,
        uint256 amount,
        uint256 withdrawRound
    );

    /// @notice An orchestrator entered the pool and is active from `activationRound` on.
    event TranscoderActivated(address indexed transcoder, uint256 activationRound);

    /// @notice An orchestrator left the pool and is not active from `deactivationRound` on.
    event TranscoderDeactivated(address indexed transcoder, uint256 deactivationRound);

    /// @param token_ The token that is bonded.
    /// @param roundsManager The rounds; must be deployed already.
    /// @param ticketBroker_ The broker that is told who is registered.
    /// @param poolMaxSize How many orchestrators the pool holds at most.
    /// @param unbondingPeriod_ Rounds between unbonding and withdrawing.
    constructor(
        IERC20 token_,
        IRoundsManager roundsManager,
        ITicketBroker ticketBroker_,
        uint256 poolMaxSize,
        uint256 unbondingPeriod_
    ) RoundClock(roundsManager.firstRound(), roundsManager.startTime(), roundsManager.roundLength()) {
        require(poolMaxSize > 0, "pool size must be greater than 0");
        require(unbondingPeriod_ > 0, "unbonding period must be greater than 0");
        token = token_;
        ticketBroker = ticketBroker_;
        getTranscoderPoolMaxSize = poolMaxSize;
        unbondingPeriod = unbondingPeriod_;
    }

    /// @notice Bonds tokens of the caller, which it must have approved, to the caller itself. An
    /// amount of 0 only tries to enter the pool again.
    /// @param amount Tokens to add.
    /// @param to The orchestrator to bond to; the caller.
    function bond(uint256 amount, address to) external {
        require(to == msg.sender, "stake can be bonded to oneself only");
        Orchestrator storage self = _orchestrators[msg.sender];
        uint256 before = self.bondedAmount;
        uint256 bonded = before + amount;
        require(bonded > 0, "bonded amount must be greater than 0");
        require(bonded <= type(uint96).max, "bonded amount is too large");
        self.bondedAmount = uint96(bonded);
        _place(msg.sender, uint96(bonded));
        if (before == 0) ticketBroker.setRegistered(msg.sender, true);
        emit Bond(to, before == 0 ? address(0) : to, msg.sender, amount, bonded);
        if (amount > 0) {
            require(token.transferFrom(msg.sender, address(this), amount), "token transfer failed");
        }
    }

    /// @notice Takes stake out of bonding and locks it for the unbonding period. Who unbonds
    /// everything is no longer registered.
    /// @param amount Tokens to unbond.
    function unbond(uint256 amount) external {
        Orchestrator storage self = _orchestrators[msg.sender];
        uint256 before = self.bondedAmount;
        require(before > 0, "caller must be bonded");
        require(amount > 0, "unbond amount must be greater than 0");
        require(amount <= before, "amount is greater than bonded amount");
        uint96 bonded = uint96(before - amount);
        uint256 lockId = self.nextUnbondingLockId;
        uint256 withdrawRound = _currentRound() + unbondingPeriod;
        self.bondedAmount = bonded;
        self.nextUnbondingLockId = uint32(lockId + 1);
        _locks[msg.sender][lockId] = UnbondingLock(uint96(amount), uint64(withdrawRound));
        if (bonded == 0) {
            if (_pool.contains(msg.sender)) _leave(msg.sender);
            ticketBroker.setRegistered(msg.sender, false);
        } else if (_pool.contains(msg.sender)) {
            _pool.remove(msg.sender);
            _pool.insert(msg.sender, bonded);
        }
        emit Unbond(msg.sender, msg.sender, lockId, amount, withdrawRound);
    }

    /// @notice Pays out an unbonding lock whose round has come.
    /// @param unbondingLockId The lock.
    function withdrawStake(uint256 unbondingLockId) external {
        UnbondingLock memory lock = _locks[msg.sender][unbondingLockId];
        require(lock.amount > 0, "invalid unbonding lock ID");
        require(
            lock.withdrawRound <= _currentRound(),
            "withdraw round must be before or equal to the current round"
        );
        delete _locks[msg.sender][unbondingLockId];
        emit WithdrawStake(msg.sender, unbondingLockId, lock.amount, lock.withdrawRound);
        require(token.transfer(msg.sender, lock.amount), "token transfer failed");
    }

    /// @inheritdoc IBondingManager
    function reserveDivisor(address claimant) external view returns (uint256) {
        return isActiveTranscoder(claimant) ? currentRoundPoolSize() : 0;
    }

    /// @notice Whether an orchestrator is active in the current round.
    /// @param transcoder The orchestrator.
    function isActiveTranscoder(address transcoder) public view returns (bool) {
        Orchestrator memory self = _orchestrators[transcoder];
        uint256 round = _currentRound();
        return self.activationRound <= round && round < self.deactivationRound;
    }

    /// @notice Whether an orchestrator has stake bonded to itself.
    /// @param transcoder The orchestrator.
    function isRegisteredTranscoder(address transcoder) external view returns (bool) {
        return _orchestrators[transcoder].bondedAmount > 0;
    }

    /// @notice Stake bonded to an orchestrator, from the next round on.
    /// @param transcoder The orchestrator.
    function transcoderTotalStake(address transcoder) external view returns (uint256) {
        return _orchestrators[transcoder].bondedAmount;
    }

    /// @notice The first and the first-not round of an orchestrator's activity, as known now.
    /// @param transcoder The orchestrator.
    function getActivity(address transcoder)
        external
        view
        returns (uint256 activationRound, uint256 deactivationRound)
    {
        Orchestrator memory self = _orchestrators[transcoder];
        return (self.activationRound, self.deactivationRound);
    }

    /// @notice One unbonding lock; zeros when there is none.
    /// @param delegator Whose lock.
    /// @param unbondingLockId Which lock; they are numbered from 0.
    function getDelegatorUnbondingLock(address delegator, uint256 unbondingLockId)
        external
        view
        returns (uint256 amount, uint256 withdrawRound)
    {
        UnbondingLock memory lock = _locks[delegator][unbondingLockId];
        return (lock.amount, lock.withdrawRound);
    }

    /// @notice Size of the pool as it will be at the start of the next round, if nothing changes.
    function getTranscoderPoolSize() external view returns (uint256) {
        return _pool.size;
    }

    /// @notice Size of the pool at the start of the current round.
    function currentRoundPoolSize() public view returns (uint256) {
        return _snapshot.round == _currentRound() ? _snapshot.size : _pool.size;
    }

    /// @notice The orchestrator with the most stake; null when the pool is empty.
    function getFirstTranscoderInPool() external view returns (address) {
        return _pool.head;
    }

    /// @notice The next in the pool by stake; null after the last.
    /// @param transcoder An orchestrator in the pool.
    function getNextTranscoderInPool(address transcoder) external view returns (address) {
        return _pool.nodes[transcoder].next;
    }

    /// @notice The whole pool, most stake first.
    function getTranscoderPool() external view returns (address[] memory pool) {
        uint256 size = _pool.size;
        pool = new address[](size);
        address member = _pool.head;
        for (uint256 i = 0; i < size; ++i) {
            pool[i] = member;
            member = _pool.nodes[member].next;
        }
    }

    /// @dev Moves an orchestrator to where its stake belongs, or lets it enter if it is enough.
    function _place(address account, uint96 stake) private {
        if (_pool.contains(account)) {
            _pool.remove(account);
            _pool.insert(account, stake);
            return;
        }
        _takeSnapshot();
        if (_pool.size >= getTranscoderPoolMaxSize) {
            address last = _pool.tail;
            if (stake <= _pool.nodes[last].stake) return;
            _leave(last);
        }
        _pool.insert(account, stake);
        // Whoever left in this round and comes back in it stays active throughout.
        Orchestrator storage self = _orchestrators[account];
        if (!isActiveTranscoder(account)) self.activationRound = uint64(_currentRound() + 1);
        self.deactivationRound = FOREVER;
        emit TranscoderActivated(account, self.activationRound);
    }

    function _leave(address account) private {
        _takeSnapshot();
        _pool.remove(account);
        uint256 next = _currentRound() + 1;
        _orchestrators[account].deactivationRound = uint64(next);
        emit TranscoderDeactivated(account, next);
    }

    /// @dev Invariant: every change of the pool's size comes after this, so the size at the start of
    /// the round stays known, and no more orchestrators are active than it says.
    function _takeSnapshot() private {
        uint64 round = uint64(_currentRound());
        if (_snapshot.round != round) _snapshot = PoolSnapshot(round, _pool.size);
    }
}
