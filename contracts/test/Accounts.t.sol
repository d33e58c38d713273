// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

/// @title Deposits, reserves, unlocking and withdrawing
contract AccountsTest is Fixture {
    uint256 private immutable KEY = keyOf(1);
    address private immutable SENDER = vm.addr(KEY);
    address private constant OTHER = address(0xbeef);

    function testFuzz_fundingIsSplitAsSaid(uint96 deposit, uint96 reserve, uint256 value) external {
        value = value % 2 == 0 ? uint256(deposit) + reserve : value % type(uint128).max;
        vm.deal(OTHER, value);
        vm.prank(OTHER);
        (bool funded,) = address(broker).call{value: value}(
            abi.encodeCall(broker.fundDepositAndReserveFor, (SENDER, deposit, reserve))
        );
        require(funded == (value == uint256(deposit) + reserve), "exactly the sum is taken");
        require(_deposit(SENDER) == (funded ? deposit : 0), "deposit");
        require(_reserve(SENDER) == (funded ? reserve : 0), "reserve");
        require(address(broker).balance == (funded ? value : 0), "balance");
    }

    function testFuzz_amountsDoNotRunIntoOneAnother(uint256 deposit, uint256 more) external {
        uint256 most = type(uint96).max;
        deposit = _within(deposit, 1, most);
        more = _within(more, most - deposit + 1, 2 * most);
        _fund(SENDER, deposit, 5);
        vm.deal(OTHER, more);
        vm.prank(OTHER);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "amount is too large"));
        broker.fundDepositAndReserveFor{value: more}(SENDER, more, 0);
        require(_deposit(SENDER) == deposit && _reserve(SENDER) == 5, "account is as it was");
    }

    function testFuzz_withdrawOnlyAfterTheUnlockPeriod(uint96 deposit, uint96 reserve, uint8 wait)
        external
    {
        vm.assume(deposit > 0 || reserve > 0);
        uint256 total = uint256(deposit) + reserve;
        _fund(SENDER, deposit, reserve);
        require(!_withdraw(), "nothing leaves before an unlock");
        vm.prank(SENDER);
        broker.unlock();
        uint256 passed = wait % 5;
        if (passed > 0) _skipTo(rounds.currentRound() + passed);
        bool due = passed >= UNLOCK_PERIOD;
        require(_withdraw() == due, "due with the withdraw round, not before");
        require(SENDER.balance == (due ? total : 0), "all of it, or nothing");
        require(address(broker).balance == (due ? 0 : total), "broker's balance");
        require(!_withdraw() || !due, "once only");
    }

    function testFuzz_ticketsAreGoodUntilTheWithdrawRound(uint8 wait) external {
        address recipient = address(0xcafe);
        _bond(recipient, 1 ether);
        _nextRound();
        _fund(SENDER, 1 ether, 1 ether);
        vm.prank(SENDER);
        broker.unlock();
        uint256 passed = wait % 4;
        for (uint256 i = 0; i < passed; ++i) {
            _nextRound();
        }
        string memory refusal = _redeem(_ticket(KEY, recipient, 0.5 ether));
        require(
            _same(refusal, passed < UNLOCK_PERIOD ? "" : "sender is unlocked"),
            "until the withdraw round"
        );
    }

    function testFuzz_onlyTheSendersOwnFundsCancelAnUnlock(uint96 amount, bool own) external {
        _fund(SENDER, 1, 0);
        vm.prank(SENDER);
        broker.unlock();
        address from = own ? SENDER : OTHER;
        vm.deal(from, amount);
        vm.prank(from);
        broker.fundDepositAndReserveFor{value: amount}(SENDER, 0, amount);
        require(broker.isUnlockInProgress(SENDER) == !own, "a stranger cannot hold it up");
    }

    function testFuzz_onlyTheManagersSpeakToTheBroker(address caller) external {
        vm.assume(caller != address(rounds) && caller != address(bonding));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "caller must be RoundsManager"));
        broker.roundInitialized(1, bytes32(MOST));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "caller must be BondingManager"));
        broker.setRegistered(caller, true);
        if (caller == address(this)) return;
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "caller must be owner"));
        broker.pause();
    }

    function testFuzz_aReceiverThatCallsBackGetsNoMore(uint96 mine, uint96 others) external {
        vm.assume(mine > 0);
        _fund(SENDER, others, 0);
        Greedy greedy = new Greedy(address(broker));
        _fund(address(greedy), mine, 0);
        vm.prank(address(greedy));
        broker.unlock();
        _skipTo(rounds.currentRound() + UNLOCK_PERIOD);
        greedy.start(abi.encodeCall(broker.withdraw, ()));
        require(greedy.again() > 0, "it was called");
        require(address(greedy).balance == mine, "no more than its own");
        require(address(broker).balance == others, "the others' funds are there");
    }

    function testFuzz_feesArePaidOutOnce(uint96 mine, uint96 others) external {
        vm.assume(mine > 0);
        Greedy greedy = new Greedy(address(broker));
        _bond(address(greedy), 1 ether);
        _nextRound();
        _fund(SENDER, mine, others);
        require(_same(_redeem(_ticket(KEY, address(greedy), mine)), ""), "redeemed");
        greedy.start(abi.encodeCall(broker.withdrawFees, (payable(address(greedy)), mine)));
        require(greedy.again() > 0, "it was called");
        require(address(greedy).balance == mine, "no more than its fees");
        require(broker.pendingFees(address(greedy)) == 0, "nothing is left");
        require(address(broker).balance == others, "the others' funds are there");
    }

    function _withdraw() private returns (bool done) {
        vm.prank(SENDER);
        (done,) = address(broker).call(abi.encodeCall(broker.withdraw, ()));
    }
}

/// @title A receiver that calls again while it is being paid
contract Greedy {
    address private immutable TARGET;
    bytes private _call;

    /// @notice How often it was paid.
    uint256 public again;

    constructor(address target) {
        TARGET = target;
    }

    /// @notice Makes the first call.
    function start(bytes calldata call_) external {
        _call = call_;
        (bool done,) = TARGET.call(call_);
        require(done, "the first call goes through");
    }

    receive() external payable {
        again += 1;
        (bool done,) = TARGET.call(_call);
        require(!done, "a second payment");
    }
}
