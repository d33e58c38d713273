// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActiveSet} from "./ActiveSet.sol";
import {ITicketBroker} from "./interfaces/ITicketBroker.sol";
import {Precise} from "./lib/Precise.sol";

/// @title The terms of orchestrators
/// @notice A term is a run of rounds over which the stake bonded to an orchestrator and its shares
/// are the same. Whatever changes them begins a new term with the next round, so the terms are the
/// public history, and fees are divided by the term in which their ticket was created.
/// @dev Stake is not stored for every delegator and round. A factor says what one unit of stake has
/// become by rewards, one what slashing has left of it, and one what it has earned in fees.
abstract contract Terms is ActiveSet {
    using Precise for uint256;

    /// @notice One term. It ends where the next one starts.
    struct Term {
        /// The first round.
        uint64 startRound;
        /// All that is bonded to the orchestrator.
        uint96 stake;
        /// The part of it that the orchestrator earned and that is in no position yet.
        uint96 ownRewards;
        /// Part of the inflation that the orchestrator keeps, per million.
        uint32 rewardCut;
        /// Part of the fees that it passes on, per million.
        uint32 feeShare;
        /// Fees that were passed on so far, in wei.
        uint96 sharedFees;
        /// The part of the stake that counts in this term for the first time.
        uint96 fresh;
        /// What a unit of stake of the beginning has become by rewards; in {Precise.ONE}.
        uint128 rewardFactor;
        /// What slashing has left of it; in {Precise.ONE}.
        uint128 slashFactor;
        /// Fees passed on to a unit of stake of the beginning, over all terms up to this one.
        uint256 feeFactor;
    }

    /// @dev Factors stay below this. What would lift one above is the orchestrator's own.
    uint256 private constant MAX_REWARD_FACTOR = 2 ** 120;

    /// @dev So many bits more than the stake an amount may have to be divided by it.
    uint256 private constant MAX_RATIO_BITS = 30;

    /// @dev Stake up to this is what rounding left. What it would be given is the orchestrator's own.
    uint256 private constant DUST = 1e9;

    /// @dev Below this, rounding would be felt: nothing can be bonded any more.
    uint256 private constant MIN_SLASH_FACTOR = 1e9;

    /// @notice The broker that holds the fees and is told who is registered.
    ITicketBroker public immutable ticketBroker;

    mapping(address orchestrator => Term[] terms) internal _terms;

    /// @dev Wei of accounts that are divided already.
    mapping(address account => uint256 amount) internal _fees;

    /// @notice Shares were set; they hold from `effectiveRound` on.
    event TranscoderUpdate(
        address indexed transcoder, uint256 rewardCut, uint256 feeShare, uint256 effectiveRound
    );

    /// @notice An orchestrator minted its reward of a round and kept `commission` of it.
    event Reward(address indexed transcoder, uint256 round, uint256 amount, uint256 commission);

    /// @notice Fees of tickets created in a term were divided: `shared` of them among all stake.
    event FeesDivided(
        address indexed transcoder, uint256 indexed termStart, uint256 amount, uint256 shared
    );

    /// @notice Stake bonded to an orchestrator was slashed.
    event TranscoderSlashed(
        address indexed transcoder, address indexed finder, uint256 penalty, uint256 finderReward
    );

    constructor(ITicketBroker ticketBroker_) {
        ticketBroker = ticketBroker_;
    }

    /// @notice Stake bonded to an orchestrator, from the next round on.
    /// @param transcoder The orchestrator.
    function transcoderTotalStake(address transcoder) public view returns (uint256) {
        uint256 count = _terms[transcoder].length;
        return count == 0 ? 0 : _terms[transcoder][count - 1].stake;
    }

    /// @notice How many terms an orchestrator has had; the first has no stake and no shares.
    /// @param transcoder The orchestrator.
    function getTermCount(address transcoder) external view returns (uint256) {
        return _terms[transcoder].length;
    }

    /// @notice Terms of an orchestrator, oldest first.
    /// @param transcoder The orchestrator.
    /// @param first Number of the first one wanted, from 0.
    /// @param count How many at most.
    function getTerms(address transcoder, uint256 first, uint256 count)
        external
        view
        returns (Term[] memory terms)
    {
        uint256 length = _terms[transcoder].length;
        if (first > length) first = length;
        if (count > length - first) count = length - first;
        terms = new Term[](count);
        for (uint256 i = 0; i < count; ++i) {
            terms[i] = _terms[transcoder][first + i];
        }
    }

    /// @notice What {BondingManager.reward} would mint for an orchestrator now; 0 when it was called
    /// in this round or cannot be.
    /// @param transcoder The orchestrator.
    function pendingReward(address transcoder) public view returns (uint256) {
        bool called = _activities[transcoder].lastRewardRound == _currentRound();
        if (called || !isActiveTranscoder(transcoder)) return 0;
        (Term memory running, Term memory next) = _runningAndNext(transcoder);
        return _mintableFor(running.stake, next.stake - next.fresh);
    }

    /// @dev The term that begins with the next round, made if need be, and its number. Fees are
    /// collected first, while it is still known to which terms they belong.
    function _openTerm(address orchestrator) internal returns (Term storage next, uint256 number) {
        Term[] storage terms = _terms[orchestrator];
        uint256 start = _currentRound() + 1;
        if (terms.length == 0) {
            Term storage first = terms.push();
            (first.rewardFactor, first.slashFactor) = (uint128(Precise.ONE), uint128(Precise.ONE));
        }
        number = terms.length - 1;
        if (terms[number].startRound == start) return (terms[number], number);
        _collect(orchestrator, start);
        Term memory term = terms[number];
        (term.startRound, term.sharedFees, term.fresh) = (uint64(start), 0, 0);
        terms.push(term);
        return (terms[number + 1], number + 1);
    }

    /// @dev Adds stake to an orchestrator. It counts from the next round on.
    function _addStake(address orchestrator, uint256 amount)
        internal
        returns (Term storage next, uint256 number)
    {
        (next, number) = _openTerm(orchestrator);
        require(next.slashFactor >= MIN_SLASH_FACTOR, "delegate was slashed too much");
        uint256 stake = next.stake + amount;
        require(stake <= type(uint96).max, "bonded amount is too large");
        next.stake = uint96(stake);
        next.fresh += uint96(amount);
    }

    /// @dev Takes stake of a position from an orchestrator, `fresh` of it such as counts only from
    /// the next round on.
    function _removeStake(Term storage next, uint256 amount, uint256 fresh) internal {
        next.stake -= uint96(amount);
        // Slashing rounds the sum and its parts down; together the parts may be a little less.
        next.fresh -= uint96(fresh < next.fresh ? fresh : next.fresh);
    }

    /// @dev Mints the reward of the running round and divides it among the stake that has been there
    /// since its start.
    function _reward(address orchestrator) internal returns (uint256 rewards) {
        (Term storage next, uint256 number) = _openTerm(orchestrator);
        Term memory running = _terms[orchestrator][number - 1];
        uint256 staying = next.stake - next.fresh;
        rewards = _mintableFor(running.stake, staying);
        uint256 commission = rewards * running.rewardCut / Precise.PARTS;
        uint256 shared = rewards - commission;
        uint256 factor = next.rewardFactor;
        if (_divisible(shared, staying)) factor += factor.part(shared, staying);
        else factor = MAX_REWARD_FACTOR;
        if (factor < MAX_REWARD_FACTOR) {
            next.rewardFactor = uint128(factor);
            next.ownRewards += uint96(uint256(next.ownRewards).part(shared, staying) + commission);
        } else {
            commission = rewards;
            next.ownRewards += uint96(rewards);
        }
        uint256 stake = next.stake + rewards;
        require(stake <= type(uint96).max, "bonded amount is too large");
        next.stake = uint96(stake);
        emit Reward(orchestrator, _currentRound(), rewards, commission);
    }

    /// @dev Cuts everything that is bonded to an orchestrator at this moment, and says by how much.
    function _slash(address orchestrator, uint256 perMillion)
        internal
        returns (uint256 penalty)
    {
        (Term storage next,) = _openTerm(orchestrator);
        uint256 before = next.slashFactor;
        uint256 factor = before * (Precise.PARTS - perMillion) / Precise.PARTS;
        // Rounded up, so that the sum is never less than its parts. Where there is stake, the factor
        // is not 0.
        uint256 stake = (next.stake * factor + before - 1) / before;
        penalty = next.stake - stake;
        next.stake = uint96(stake);
        next.fresh = uint96(next.fresh * factor / before);
        next.ownRewards = uint96(next.ownRewards * factor / before);
        next.slashFactor = uint128(factor);
    }

    /// @dev Takes an orchestrator's fees over from the broker and divides them.
    function _collect(address orchestrator, uint256 boundary) internal {
        (uint256 newest, uint256 before, uint256 earlier) =
            ticketBroker.collectFees(orchestrator, boundary);
        if (newest + before + earlier == 0) return;
        Term[] storage terms = _terms[orchestrator];
        uint256[3] memory amounts = [newest, before, earlier];
        uint256[3] memory numbers = _termsOfSums(orchestrator);
        for (uint256 i = 0; i < 3; ++i) {
            if (amounts[i] == 0) continue;
            Term memory term = terms[numbers[i]];
            (uint256 shared, uint256 factor, uint256 own) = _divide(term, amounts[i]);
            _fees[orchestrator] += own;
            emit FeesDivided(orchestrator, term.startRound, amounts[i], shared);
            if (shared == 0) continue;
            terms[numbers[i]].sharedFees += uint96(shared);
            for (uint256 j = numbers[i]; j < terms.length; ++j) {
                terms[j].feeFactor += factor;
            }
        }
    }

    /// @dev Collects without a change of stakes or shares.
    function _collect(address orchestrator) internal {
        uint256 count = _terms[orchestrator].length;
        if (count > 0) _collect(orchestrator, _terms[orchestrator][count - 1].startRound);
    }

    /// @dev What {_collect} would add: to the fee factors of the newest term, the one before and the
    /// one before that, each with what it takes over from older ones; and to the orchestrator's fees.
    function _uncollected(address orchestrator)
        internal
        view
        returns (uint256[3] memory factors, uint256 own)
    {
        uint256 count = _terms[orchestrator].length;
        if (count == 0) return (factors, 0);
        (, uint256 newest, uint256 before, uint256 earlier) =
            ticketBroker.uncollectedFees(orchestrator);
        uint256[3] memory amounts = [newest, before, earlier];
        uint256[3] memory numbers = _termsOfSums(orchestrator);
        for (uint256 i = 0; i < 3; ++i) {
            if (amounts[i] == 0) continue;
            Term memory term = _terms[orchestrator][numbers[i]];
            (, uint256 factor, uint256 kept) = _divide(term, amounts[i]);
            own += kept;
            for (uint256 age = 0; age <= count - 1 - numbers[i]; ++age) {
                factors[age] += factor;
            }
        }
    }

    /// @dev The running round's term and what the next round's would be, if nothing changes.
    function _runningAndNext(address orchestrator)
        internal
        view
        returns (Term memory running, Term memory next)
    {
        Term[] storage terms = _terms[orchestrator];
        next = terms[terms.length - 1];
        if (next.startRound > _currentRound()) return (terms[terms.length - 2], next);
        running = next;
        next = terms[terms.length - 1];
        next.fresh = 0;
    }

    /// @dev To which terms the broker's three sums belong: the newest, the one before, and the one of
    /// the round before the boundary's predecessor.
    function _termsOfSums(address orchestrator) private view returns (uint256[3] memory numbers) {
        Term[] storage terms = _terms[orchestrator];
        uint256 newest = terms.length - 1;
        numbers[0] = newest;
        numbers[1] = newest - 1;
        bool short_ = newest > 1 && terms[newest - 1].startRound + 1 == terms[newest].startRound;
        numbers[2] = short_ ? newest - 2 : newest - 1;
    }

    /// @dev How fees are divided by a term: what is shared, what that adds to the fee factor, and
    /// what the orchestrator gets, for its share and for rewards that are in no position.
    function _divide(Term memory term, uint256 amount)
        private
        pure
        returns (uint256 shared, uint256 factor, uint256 own)
    {
        shared = amount * term.feeShare / Precise.PARTS;
        if (!_divisible(shared, term.stake)) shared = 0;
        own = amount - shared;
        if (shared == 0) return (0, 0, own);
        own += uint256(term.ownRewards).part(shared, term.stake);
        uint256 unit = uint256(term.rewardFactor) * term.slashFactor / Precise.ONE;
        factor = unit.part(shared, term.stake);
    }

    /// @dev Keeps factors in their range, and nothing from being divided among nobody.
    function _divisible(uint256 amount, uint256 stake) private pure returns (bool) {
        return stake > DUST && amount < stake << MAX_RATIO_BITS;
    }
}
