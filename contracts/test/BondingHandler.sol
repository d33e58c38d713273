// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Fixture} from "./Fixture.sol";
import {Bonding} from "./Interfaces.sol";
import {vm} from "./Vm.sol";

/// @title Everything that can be done with stake, in any order
/// @notice Five accounts bond to themselves and to one another, earn, are slashed and leave. For every
/// round it notes who had how much bonded to whom, and reckons by that alone what each is owed in fees.
contract BondingHandler is Fixture {
    struct Bonded {
        address delegate;
        uint256 stake;
    }

    struct Shares {
        uint256 total;
        uint256 rewardCut;
        uint256 feeShare;
    }

    uint256 public constant ACTORS = 5;
    address private constant SINK = address(0x51);
    address private constant FINDER = address(0xf1);
    uint256 private constant PARTS = 1e6;
    uint256 private immutable KEY = keyOf(99);

    /// @notice Fees of all redeemed tickets, and fees paid out.
    uint256 public earned;
    uint256 public paidOut;

    mapping(uint256 round => mapping(address actor => Bonded bonded)) private _bondedIn;
    mapping(uint256 round => mapping(address orchestrator => Shares shares)) private _sharesIn;
    /// @dev In 10^-18 wei.
    mapping(address actor => uint256 fees) private _owed;
    mapping(address actor => uint256 fees) private _withdrawn;
    mapping(address actor => uint256 count) private _locks;
    mapping(address orchestrator => Shares next) private _set;

    constructor() {
        bonding.setVerifier(address(this));
        for (uint256 i = 0; i < ACTORS; ++i) {
            require(token.transfer(actorAt(i), 1000 ether), "tokens to bond");
            vm.prank(actorAt(i));
            token.approve(address(bonding), MOST);
        }
        _begin(0, 0, 50 ether);
        _begin(1, 1, 30 ether);
        shares(0, 100_000, 400_000);
        shares(1, 0, 1_000_000);
        _begin(2, 0, 20 ether);
        _begin(3, 1, 20 ether);
        nextRound(0);
    }

    function _begin(uint256 seed, uint256 to, uint256 amount) private {
        vm.prank(actorAt(seed));
        bonding.bond(amount, actorAt(to));
    }

    function _choices() internal view override returns (Bonding.Choices memory choices) {
        choices = super._choices();
        choices.unbondingPeriod = 2;
    }

    function actorAt(uint256 seed) public pure returns (address) {
        return address(uint160(0xac7000 + seed % ACTORS));
    }

    function bond(uint256 seed, uint256 to, uint256 amount) public {
        address actor = actorAt(seed);
        amount = amount % 5 == 0 ? 0 : _within(amount, 1 ether, 50 ether);
        if (amount > token.balanceOf(actor)) return;
        uint256 before = bonding.pendingStake(actor);
        if (!_call(actor, abi.encodeCall(bonding.bond, (amount, actorAt(to))))) return;
        _near(bonding.pendingStake(actor), before + amount, "bonded what was given");
    }

    function unbond(uint256 seed, uint256 amount) external {
        address actor = actorAt(seed);
        uint256 stake = bonding.pendingStake(actor);
        // What stays is never so little that a unit of it is worth much.
        if (stake < 0.2 ether || amount % 3 == 0) amount = stake;
        else amount = _within(amount, 1, stake - 0.1 ether);
        if (!_call(actor, abi.encodeCall(bonding.unbond, (amount)))) {
            require(stake == 0, "all that is bonded can be unbonded");
            return;
        }
        _locks[actor] += 1;
        _near(bonding.pendingStake(actor), stake - amount, "the rest stays");
    }

    function rebond(uint256 seed, uint256 lock, uint256 to, bool elsewhere) external {
        address actor = actorAt(seed);
        if (_locks[actor] == 0) return;
        lock = lock % _locks[actor];
        (uint256 amount,) = bonding.getDelegatorUnbondingLock(actor, lock);
        uint256 before = bonding.pendingStake(actor);
        bytes memory data = elsewhere
            ? abi.encodeCall(bonding.rebondFromUnbonded, (actorAt(to), lock))
            : abi.encodeCall(bonding.rebond, (lock));
        if (!_call(actor, data)) return;
        require(amount > 0, "no lock is used twice");
        require(bonding.pendingStake(actor) + 2 >= before + amount, "bonded again");
    }

    function withdrawStake(uint256 seed, uint256 lock) external {
        address actor = actorAt(seed);
        if (_locks[actor] == 0) return;
        lock = lock % _locks[actor];
        (uint256 amount, uint256 due) = bonding.getDelegatorUnbondingLock(actor, lock);
        bool can = amount > 0 && due <= rounds.currentRound();
        uint256 before = token.balanceOf(actor);
        require(_call(actor, abi.encodeCall(bonding.withdrawStake, (lock))) == can, "when due");
        require(token.balanceOf(actor) - before == (can ? amount : 0), "the lock, or nothing");
    }

    function shares(uint256 seed, uint256 rewardCut, uint256 feeShare) public {
        address actor = actorAt(seed);
        (rewardCut, feeShare) = (rewardCut % (PARTS + 1), feeShare % (PARTS + 1));
        bool can = bonding.isRegisteredTranscoder(actor);
        bytes memory data = abi.encodeCall(bonding.transcoder, (rewardCut, feeShare));
        require(_call(actor, data) == can, "shares of who is registered");
        if (can) (_set[actor].rewardCut, _set[actor].feeShare) = (rewardCut, feeShare);
    }

    function reward(uint256 seed) external {
        address actor = actorAt(seed);
        uint256 before = _allStakes();
        uint256 due = bonding.pendingReward(actor);
        uint256 supply = token.totalSupply();
        if (!_call(actor, abi.encodeCall(bonding.reward, ()))) return;
        require(token.totalSupply() - supply == due, "mints what was announced");
        require(due <= bonding.currentMintableTokens(), "no more than a round mints");
        _near(_allStakes(), before + due, "all of it becomes stake");
    }

    function slash(uint256 seed, uint256 amount, uint256 fee) external {
        address orchestrator = actorAt(seed);
        (amount, fee) = (amount % 300_000, fee % (PARTS + 1));
        if (bonding.transcoderTotalStake(orchestrator) == 0) return;
        uint256[] memory before = new uint256[](ACTORS);
        for (uint256 i = 0; i < ACTORS; ++i) {
            before[i] = bonding.pendingStake(actorAt(i));
        }
        (uint256 supply, uint256 found) = (token.totalSupply(), token.balanceOf(FINDER));
        uint256 total = bonding.transcoderTotalStake(orchestrator);
        bonding.slashTranscoder(orchestrator, FINDER, amount, fee);
        uint256 penalty = total - bonding.transcoderTotalStake(orchestrator);
        _near(penalty, total * amount / PARTS, "the part that was said");
        uint256 bounty = token.balanceOf(FINDER) - found;
        require(bounty == penalty * fee / PARTS, "the finder's part");
        require(supply - token.totalSupply() == penalty - bounty, "the rest is burnt");
        for (uint256 i = 0; i < ACTORS; ++i) {
            bool hit = _delegateOf(actorAt(i)) == orchestrator;
            uint256 cut = hit ? before[i] * amount / PARTS : 0;
            _near(bonding.pendingStake(actorAt(i)), before[i] - cut, "pro rata, nobody else");
        }
    }

    /// @dev A ticket of this round or of the previous one.
    function earn(uint256 seed, uint256 amount, bool previous) external {
        address orchestrator = actorAt(seed);
        amount = _within(amount, 1 gwei, 3 ether);
        uint256 round = rounds.currentRound();
        if (previous && rounds.blockHashForRound(round - 1) != 0) round -= 1;
        _fund(vm.addr(KEY), amount, 0);
        Redemption memory made = _ticketOf(KEY, orchestrator, amount, round);
        bool pays = bonding.isRegisteredTranscoder(orchestrator);
        require((bytes(_redeem(made)).length == 0) == pays, "registered orchestrators are paid");
        if (!pays) return;
        earned += amount;
        Shares memory now_ = _sharesIn[round][orchestrator];
        uint256 shared = now_.total <= 1e9 ? 0 : amount * now_.feeShare / PARTS;
        _owed[orchestrator] += (amount - shared) * 1 ether;
        for (uint256 i = 0; i < ACTORS && shared > 0; ++i) {
            Bonded memory bonded = _bondedIn[round][actorAt(i)];
            if (bonded.delegate != orchestrator) continue;
            _owed[actorAt(i)] += shared * 1 ether * bonded.stake / now_.total;
        }
    }

    function withdrawFees(uint256 seed, uint256 amount) external {
        address actor = actorAt(seed);
        uint256 pending = broker.pendingFees(actor);
        amount = amount % 2 == 0 ? pending : _within(amount, 0, pending + 1);
        bytes memory data = abi.encodeCall(broker.withdrawFees, (payable(SINK), amount));
        vm.prank(actor);
        (bool done,) = address(broker).call(data);
        require(done == (amount <= pending), "what is pending, no more");
        if (!done) return;
        require(broker.pendingFees(actor) == pending - amount, "and the rest stays");
        _withdrawn[actor] += amount;
        paidOut += amount;
    }

    function nextRound(uint256 seed) public {
        uint256 round = rounds.currentRound() + (seed % 9 == 8 ? 4 : 1);
        _skipTo(round);
        rounds.initializeRound();
        for (uint256 i = 0; i < ACTORS; ++i) {
            address actor = actorAt(i);
            _bondedIn[round][actor] =
                Bonded(_delegateOf(actor), bonding.pendingStake(actor));
            _sharesIn[round][actor] = Shares(
                bonding.transcoderTotalStake(actor), _set[actor].rewardCut, _set[actor].feeShare
            );
            (uint256 cut, uint256 share) = bonding.sharesAt(actor, round);
            require(cut == _set[actor].rewardCut && share == _set[actor].feeShare, "as set before");
        }
    }

    /// @notice What rounding may have left of tokens: it earns as what it was a part of.
    function dust() external view returns (uint256) {
        return 1e6 + token.balanceOf(address(bonding)) / 1e12;
    }

    /// @notice What bonding holds beyond all stakes and locks.
    function undistributed() external view returns (uint256) {
        uint256 held = _allStakes();
        for (uint256 i = 0; i < ACTORS; ++i) {
            address actor = actorAt(i);
            for (uint256 lock = 0; lock < _locks[actor]; ++lock) {
                (uint256 amount,) = bonding.getDelegatorUnbondingLock(actor, lock);
                held += amount;
            }
            // Rewards an orchestrator left behind are its own when it comes back.
            if (!bonding.isRegisteredTranscoder(actor)) held += _ownRewardsOf(actor);
        }
        return token.balanceOf(address(bonding)) - held;
    }

    /// @notice What the broker holds beyond all deposits, reserves and fees.
    function undivided() external view returns (uint256) {
        uint256 held = _deposit(vm.addr(KEY)) + _reserve(vm.addr(KEY));
        for (uint256 i = 0; i < ACTORS; ++i) {
            held += broker.pendingFees(actorAt(i));
        }
        return address(broker).balance - held;
    }

    /// @notice Whether everyone gets the fees of its stake in the rounds that made them, no more.
    function feesAsOwed() external view returns (bool) {
        for (uint256 i = 0; i < ACTORS; ++i) {
            uint256 owed = _owed[actorAt(i)] / 1 ether;
            uint256 got = _withdrawn[actorAt(i)] + broker.pendingFees(actorAt(i));
            uint256 slack = 1 gwei / 1000 + owed / 1e12;
            if (got > owed + slack || got + slack < owed) return false;
        }
        return true;
    }

    function _allStakes() private view returns (uint256 sum) {
        for (uint256 i = 0; i < ACTORS; ++i) {
            sum += bonding.pendingStake(actorAt(i));
        }
    }

    function _delegateOf(address actor) private view returns (address delegate) {
        (delegate,,,,) = bonding.getDelegator(actor);
    }

    function _ownRewardsOf(address actor) private view returns (uint256) {
        uint256 count = bonding.getTermCount(actor);
        return count == 0 ? 0 : bonding.getTerms(actor, count - 1, 1)[0].ownRewards;
    }

    function _near(uint256 value, uint256 wanted, string memory what) private pure {
        uint256 gap = value > wanted ? value - wanted : wanted - value;
        // A unit lost to rounding earns as it would have, so what is lost grows with what is there.
        require(gap <= 100 + wanted / 1e15, what);
    }

    /// @dev A refusal has a reason; anything else is a fault.
    function _call(address from, bytes memory data) private returns (bool done) {
        vm.prank(from);
        bytes memory answer;
        (done, answer) = address(bonding).call(data);
        require(done || bytes4(answer) == bytes4(keccak256("Error(string)")), "refused with a reason");
    }
}
