// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Terms} from "./Terms.sol";
import {Precise} from "./lib/Precise.sol";

/// @title The positions of those who bond
/// @notice An account has one open position: stake bonded to one orchestrator. What changes it takes
/// effect with the next round; the position as it was before goes on earning the fees of tickets
/// created until then, also of those that are redeemed later.
/// @dev Positions are kept as they were when they last changed. The factors of the terms since then
/// say what has become of them.
abstract contract Positions is Terms {
    using Precise for uint256;

    struct Position {
        /// The orchestrator; null when there is no position.
        address delegate;
        /// Wei of fees that went to the account already.
        uint96 paid;
        /// Stake, as it was in the term `base`.
        uint96 held;
        /// Stake that was added later; it counts from the term `from` on.
        uint96 fresh;
        /// The last round in which it counts; 0 while it is open.
        uint64 lastRound;
        uint32 base;
        /// The first term whose fees it earns.
        uint32 from;
        /// The last term whose fees it earns, when it is closed.
        uint32 to;
        /// The orchestrator's slash factor when stake was last counted.
        uint128 slashFactor;
    }

    struct UnbondingLock {
        uint96 amount;
        uint64 withdrawRound;
    }

    /// @dev Of an even and of an odd round one closed position each. Once a third is closed, all
    /// tickets of the first one's rounds have been redeemed or have expired.
    struct Account {
        Position open;
        Position[2] closed;
        uint32 nextUnbondingLockId;
        mapping(uint256 lockId => UnbondingLock lock) locks;
    }

    mapping(address account => Account data) internal _accounts;

    /// @notice Whether an orchestrator has stake bonded to itself.
    /// @param transcoder The orchestrator.
    function isRegisteredTranscoder(address transcoder) public view returns (bool) {
        return transcoder != address(0) && _accounts[transcoder].open.delegate == transcoder;
    }

    /// @notice What an account has bonded, rewards included.
    /// @param delegator The account.
    function pendingStake(address delegator) public view returns (uint256) {
        Position memory open = _accounts[delegator].open;
        if (open.delegate == address(0)) return 0;
        Term[] storage terms = _terms[open.delegate];
        Term memory newest = terms[terms.length - 1];
        uint256 own = open.delegate == delegator ? newest.ownRewards : 0;
        return own + _worth(open, newest.rewardFactor, newest.slashFactor);
    }

    /// @notice An account's stake, the orchestrator it is bonded to, the round from which the stake
    /// counts in its present form, fees it can withdraw, and the number of its next lock.
    /// @param delegator The account.
    function getDelegator(address delegator)
        external
        view
        returns (
            address delegate,
            uint256 stake,
            uint256 startRound,
            uint256 fees,
            uint256 nextUnbondingLockId
        )
    {
        Account storage account = _accounts[delegator];
        delegate = account.open.delegate;
        if (delegate != address(0)) startRound = _terms[delegate][account.open.from].startRound;
        stake = pendingStake(delegator);
        return (delegate, stake, startRound, pendingFees(delegator), account.nextUnbondingLockId);
    }

    /// @notice What an account can withdraw in fees: its own as an orchestrator, and its part of
    /// those of every orchestrator it is or was bonded to. In wei.
    /// @param delegator The orchestrator or delegator.
    function pendingFees(address delegator) public view virtual returns (uint256 amount) {
        Account storage account = _accounts[delegator];
        (, uint256 own) = _uncollected(delegator);
        amount = _fees[delegator] + own + _dueNow(account.open);
        for (uint256 i = 0; i < 2; ++i) {
            amount += _dueNow(account.closed[i]);
        }
    }

    /// @dev Brings an account's open position up to date, so that it can be changed: closes it as it
    /// was, unless that was done in this round, and goes on with what it is worth.
    function _refresh(address owner) internal returns (Term storage next, Position storage open) {
        Account storage account = _accounts[owner];
        open = account.open;
        address delegate = open.delegate;
        uint256 number;
        (next, number) = _openTerm(delegate);
        Term[] storage terms = _terms[delegate];
        // Before the reward of this round, what is held still has a part in it.
        bool rewarded = _activities[delegate].lastRewardRound == _currentRound();
        uint256 base = rewarded ? number : number - 1;
        Position memory position = open;
        bool isNew = position.from == number;
        (uint256 held, uint256 fresh) = (position.held, position.fresh);
        held = held.part(terms[base].rewardFactor, terms[position.base].rewardFactor);
        if (!isNew) {
            _close(account, position, number - 1);
            held += fresh.part(terms[base].rewardFactor, terms[position.from].rewardFactor);
            fresh = 0;
            (open.from, open.paid) = (uint32(number), 0);
        }
        held = held.part(next.slashFactor, position.slashFactor);
        fresh = fresh.part(next.slashFactor, position.slashFactor);
        if (delegate == owner) {
            held += next.ownRewards;
            next.ownRewards = 0;
        }
        (open.held, open.fresh) = (uint96(held), uint96(fresh));
        (open.base, open.slashFactor) = (uint32(base), next.slashFactor);
    }

    /// @dev Adds stake to a position that is up to date, or opens one.
    function _join(address owner, address delegate, uint256 amount) internal {
        (Term storage next, uint256 number) = _addStake(delegate, amount);
        Position storage open = _accounts[owner].open;
        if (open.delegate == delegate) {
            open.fresh += uint96(amount);
            return;
        }
        // What the orchestrator earned and left when it was registered before.
        uint96 held = delegate == owner ? next.ownRewards : 0;
        if (held > 0) next.ownRewards = 0;
        _accounts[owner].open = Position({
            delegate: delegate,
            paid: 0,
            held: held,
            fresh: uint96(amount),
            lastRound: 0,
            base: uint32(number),
            from: uint32(number),
            to: 0,
            slashFactor: next.slashFactor
        });
    }

    /// @dev Takes stake out of a position that is up to date, what was added last first.
    function _reduce(Term storage next, Position storage open, uint256 amount) internal {
        uint256 fresh = amount < open.fresh ? amount : open.fresh;
        open.fresh -= uint96(fresh);
        open.held -= uint96(amount - fresh);
        _removeStake(next, amount, fresh);
    }

    /// @dev Takes out all of it, and the position is gone.
    function _leaveDelegate(address owner) internal returns (uint256 amount) {
        (Term storage next, Position storage open) = _refresh(owner);
        amount = uint256(open.held) + open.fresh;
        _reduce(next, open, amount);
        delete _accounts[owner].open;
    }

    /// @dev Credits an account with all it has earned in fees.
    function _claimFees(address owner) internal {
        _collect(owner);
        Account storage account = _accounts[owner];
        _pay(owner, account.open);
        for (uint256 i = 0; i < 2; ++i) {
            _pay(owner, account.closed[i]);
        }
    }

    /// @dev Keeps a position for the fees that are still to come.
    function _close(Account storage account, Position memory position, uint256 lastTerm) private {
        uint256 round = _currentRound();
        Position storage kept = account.closed[round & 1];
        // Two rounds old at least: no ticket of its rounds is valid any more.
        _pay(msg.sender, kept);
        position.to = uint32(lastTerm);
        position.lastRound = uint64(round);
        account.closed[round & 1] = position;
    }

    function _pay(address owner, Position storage position) private {
        address delegate = position.delegate;
        if (delegate == address(0)) return;
        if (delegate != owner) _collect(delegate);
        uint256[3] memory none;
        uint256 due = _due(position, none);
        if (due == 0) return;
        position.paid += uint96(due);
        _fees[owner] += due;
    }

    function _dueNow(Position memory position) private view returns (uint256) {
        if (position.delegate == address(0)) return 0;
        (uint256[3] memory uncollected,) = _uncollected(position.delegate);
        return _due(position, uncollected);
    }

    /// @dev What a position has earned in fees and not been paid.
    function _due(Position memory position, uint256[3] memory uncollected)
        private
        view
        returns (uint256)
    {
        if (uint256(position.held) + position.fresh == 0) return 0;
        Term[] storage terms = _terms[position.delegate];
        uint256 newest = terms.length - 1;
        uint256 to = position.lastRound == 0 ? newest : position.to;
        uint256 earned = terms[to].feeFactor - terms[position.from - 1].feeFactor;
        // The factors that collecting would give to the newest three; older ones stay as they are.
        if (newest - to < 3) earned += uncollected[newest - to];
        uint256 before = newest - (position.from - 1);
        if (before < 3) earned -= uncollected[before];
        uint256 sum = _feesOf(position.held, terms[position.base], position.slashFactor, earned)
            + _feesOf(position.fresh, terms[position.from], position.slashFactor, earned);
        return sum - position.paid;
    }

    /// @dev Rounded down: a unit of the beginning is taken for no less than it was.
    function _feesOf(uint256 stake, Term storage base, uint256 slashFactor, uint256 earned)
        private
        view
        returns (uint256)
    {
        if (stake == 0 || earned == 0) return 0;
        uint256 unit = (uint256(base.rewardFactor) * slashFactor + Precise.ONE - 1) / Precise.ONE;
        return stake * (earned * Precise.ONE / unit) / Precise.ONE;
    }

    function _worth(Position memory position, uint256 rewardFactor, uint256 slashFactor)
        private
        view
        returns (uint256)
    {
        Term[] storage terms = _terms[position.delegate];
        uint256 held = uint256(position.held).part(rewardFactor, terms[position.base].rewardFactor);
        uint256 fresh = uint256(position.fresh).part(rewardFactor, terms[position.from].rewardFactor);
        return held.part(slashFactor, position.slashFactor)
            + fresh.part(slashFactor, position.slashFactor);
    }
}
