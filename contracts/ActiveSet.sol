// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IWorkToken} from "./interfaces/IWorkToken.sol";
import {RoundClock} from "./RoundClock.sol";
import {SortedPool} from "./lib/SortedPool.sol";

/// @title Who is active, and what a round mints
/// @notice The pool changes in place whenever stake does. Who is in it at the start of a round is
/// active in that round. How one gets in is a choice of the deployment.
abstract contract ActiveSet is RoundClock {
    using SortedPool for SortedPool.Pool;

    /// @notice Ways to choose who is active.
    /// MostStake: a number of places, for those with the most stake.
    /// Minimum: everyone with a minimum of stake.
    /// Fixed: everyone with a fixed amount of stake, and no more than that is rewarded.
    /// Open: everyone; each client sets the least stake it works with.
    enum Policy {
        MostStake,
        Minimum,
        Fixed,
        Open
    }

    /// @notice What a deployment chooses.
    struct Choices {
        /// How one becomes active.
        Policy policy;
        /// Places in the pool; only for MostStake.
        uint64 poolMaxSize;
        /// Stake that is asked for; only for Minimum and Fixed.
        uint96 requiredStake;
        /// Rounds between unbonding and withdrawing.
        uint64 unbondingPeriod;
        /// New tokens of the first round, in parts of the supply per 10^9.
        uint64 inflation;
        /// By how much inflation changes from one round to the next, in the same unit.
        uint64 inflationChange;
        /// Part of the supply, per 10^9, below which inflation rises and above which it falls.
        uint64 targetBondingRate;
        /// The contract that may slash; can be set later.
        address verifier;
    }

    /// @dev One slot.
    struct Activity {
        /// Active in every round from this one up to, not including, the next field.
        uint64 activationRound;
        uint64 deactivationRound;
        uint64 lastRewardRound;
    }

    /// @dev As of the start of a round, recorded before anything changes in it.
    struct RoundState {
        uint64 round;
        uint64 poolSize;
        uint128 activeStake;
        uint64 inflation;
        uint128 mintable;
    }

    uint64 private constant FOREVER = type(uint64).max;
    uint256 private constant BILLION = 1e9;

    /// @notice The token that is bonded.
    IWorkToken public immutable token;

    /// @notice How one becomes active.
    Policy public immutable policy;

    /// @notice How many orchestrators the pool holds at most.
    uint256 public immutable getTranscoderPoolMaxSize;

    /// @notice Stake that an orchestrator must have to become active; 0 when none is required.
    uint256 public immutable requiredStake;

    /// @notice By how much inflation changes from one round to the next, per 10^9.
    uint256 public immutable inflationChange;

    /// @notice Part of the supply, per 10^9, at which inflation does not change.
    uint256 public immutable targetBondingRate;

    SortedPool.Pool private _pool;
    RoundState private _state;
    mapping(address orchestrator => Activity activity) internal _activities;

    /// @notice An orchestrator entered the pool and is active from `activationRound` on.
    event TranscoderActivated(address indexed transcoder, uint256 activationRound);

    /// @notice An orchestrator left the pool and is not active from `deactivationRound` on.
    event TranscoderDeactivated(address indexed transcoder, uint256 deactivationRound);

    constructor(IWorkToken token_, Choices memory choices) {
        token = token_;
        policy = choices.policy;
        bool placed = choices.policy == Policy.MostStake;
        bool staked = choices.policy == Policy.Minimum || choices.policy == Policy.Fixed;
        require(!placed || choices.poolMaxSize > 0, "pool size must be greater than 0");
        require(!staked || choices.requiredStake > 0, "required stake must be greater than 0");
        require(choices.inflation <= BILLION, "inflation is too large");
        require(choices.targetBondingRate <= BILLION, "target bonding rate is too large");
        getTranscoderPoolMaxSize = placed ? choices.poolMaxSize : type(uint64).max;
        requiredStake = staked ? choices.requiredStake : 0;
        inflationChange = choices.inflationChange;
        targetBondingRate = choices.targetBondingRate;
        _state.inflation = choices.inflation;
    }

    /// @notice Whether an orchestrator is active in the current round.
    /// @param transcoder The orchestrator.
    function isActiveTranscoder(address transcoder) public view returns (bool) {
        Activity memory self = _activities[transcoder];
        uint256 round = _currentRound();
        return self.activationRound <= round && round < self.deactivationRound;
    }

    /// @notice The first and the first-not round of an orchestrator's activity, as known now, and
    /// the last round in which it called for its reward.
    /// @param transcoder The orchestrator.
    function getActivity(address transcoder)
        external
        view
        returns (uint256 activationRound, uint256 deactivationRound, uint256 lastRewardRound)
    {
        Activity memory self = _activities[transcoder];
        return (self.activationRound, self.deactivationRound, self.lastRewardRound);
    }

    /// @notice Size of the pool as it will be at the start of the next round, if nothing changes.
    function getTranscoderPoolSize() external view returns (uint256) {
        return _pool.size;
    }

    /// @notice Size of the pool at the start of the current round.
    function currentRoundPoolSize() public view returns (uint256) {
        return _state.round == _currentRound() ? _state.poolSize : _pool.size;
    }

    /// @notice Stake of all who are active in the current round.
    function currentRoundTotalActiveStake() external view returns (uint256) {
        return _stateNow().activeStake;
    }

    /// @notice Inflation of the current round, in parts of the supply per 10^9.
    function inflation() external view returns (uint256) {
        return _stateNow().inflation;
    }

    /// @notice Tokens that all active orchestrators together can mint in the current round.
    function currentMintableTokens() external view returns (uint256) {
        return _stateNow().mintable;
    }

    /// @notice The first in the pool; null when it is empty. Under MostStake, the one with the most.
    function getFirstTranscoderInPool() external view returns (address) {
        return _pool.head;
    }

    /// @notice The next in the pool; null after the last.
    /// @param transcoder An orchestrator in the pool.
    function getNextTranscoderInPool(address transcoder) external view returns (address) {
        return _pool.nodes[transcoder].next;
    }

    /// @notice The whole pool: under MostStake most stake first, else in the order of arrival.
    function getTranscoderPool() external view returns (address[] memory pool) {
        uint256 size = _pool.size;
        pool = new address[](size);
        address member = _pool.head;
        for (uint256 i = 0; i < size; ++i) {
            pool[i] = member;
            member = _pool.nodes[member].next;
        }
    }

    /// @dev Invariant: comes before every change of stakes, so that what held at the start of the
    /// round stays known, and no more orchestrators are active than it says.
    function _enterRound() internal {
        if (_state.round != _currentRound()) _state = _stateNow();
    }

    /// @dev Puts an orchestrator where its stake belongs: in, on or out of the pool.
    function _place(address account, uint256 stake) internal {
        bool listed = _pool.contains(account);
        if (stake == 0 || stake < requiredStake) {
            if (listed) _leave(account);
            return;
        }
        uint96 counted = uint96(_counted(stake));
        if (listed && policy == Policy.MostStake) return _pool.move(account, counted);
        if (listed) return _pool.setStake(account, counted);
        if (_pool.size >= getTranscoderPoolMaxSize) {
            address last = _pool.tail;
            if (counted <= _pool.nodes[last].stake) return;
            _leave(last);
        }
        if (policy == Policy.MostStake) _pool.insert(account, counted);
        else _pool.append(account, counted);
        // Whoever left in this round and comes back in it stays active throughout.
        Activity storage self = _activities[account];
        if (!isActiveTranscoder(account)) self.activationRound = uint64(_currentRound() + 1);
        self.deactivationRound = FOREVER;
        emit TranscoderActivated(account, self.activationRound);
    }

    /// @dev What an active orchestrator may mint in this round for a stake, of which no more counts
    /// than it began the round with.
    function _mintableFor(uint256 stakeAtStart, uint256 stake) internal view returns (uint256) {
        RoundState memory state = _stateNow();
        if (state.activeStake == 0) return 0;
        uint256 counted = _counted(stakeAtStart);
        if (stake < counted) counted = stake;
        return state.mintable * (counted * BILLION / state.activeStake) / BILLION;
    }

    function _counted(uint256 stake) private view returns (uint256) {
        return policy == Policy.Fixed && stake > requiredStake ? requiredStake : stake;
    }

    function _leave(address account) private {
        _pool.remove(account);
        uint256 next = _currentRound() + 1;
        _activities[account].deactivationRound = uint64(next);
        emit TranscoderDeactivated(account, next);
    }

    function _stateNow() private view returns (RoundState memory state) {
        state = _state;
        uint256 round = _currentRound();
        if (state.round == round) return state;
        uint256 supply = token.totalSupply();
        uint256 rate = supply == 0 ? 0 : uint256(_pool.total) * BILLION / supply;
        uint256 now_ = state.inflation;
        if (rate < targetBondingRate) {
            now_ = now_ + inflationChange > BILLION ? BILLION : now_ + inflationChange;
        } else if (rate > targetBondingRate) {
            now_ = now_ > inflationChange ? now_ - inflationChange : 0;
        }
        uint256 mintable = supply * now_ / BILLION;
        return RoundState({
            round: uint64(round),
            poolSize: _pool.size,
            activeStake: _pool.total,
            inflation: uint64(now_),
            mintable: uint128(mintable)
        });
    }
}
