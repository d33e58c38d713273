// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CallingParty, ChannelFixture, Channels, FeeToken} from "./ChannelFixture.sol";
import {vm} from "./Vm.sol";

/// @title One channel: who may do what, when, and where the money goes
contract PaymentChannelsTest is ChannelFixture {
    uint256 private constant PAYER = 0xa11ce;
    uint256 private constant PAYEE = 0xb0b;
    bytes32 private constant SPEND = keccak256("spend");
    bytes32 private constant REVOKE = keccak256("revoke");
    bytes32 private constant OTHER = keccak256("other");
    // Worked out beforehand: calls of precompiles would use up a prank.
    bytes20 private immutable SPEND_HASH = _hash160(SPEND);
    bytes20 private immutable HASH = _hash160(REVOKE);
    uint16 private constant EXPIRE = 42;
    uint16 private constant DELAY = 2;

    function _terms(bool isToken) private view returns (Channels.Terms memory) {
        return Channels.Terms(
            vm.addr(PAYER),
            vm.addr(PAYEE),
            isToken ? address(coin) : address(0),
            SPEND_HASH,
            EXPIRE
        );
    }

    function _publish(Channels.Terms memory terms, uint112 quantity) private {
        bytes memory sig = _commit(PAYER, terms, quantity, HASH, DELAY);
        vm.prank(terms.payee);
        channels.publishCommit(terms, quantity, HASH, DELAY, sig);
    }

    function test_aDepositIsMadeByThePayerOnceAndIsWhatArrives() external {
        Channels.Terms memory terms = _terms(false);
        _expect("only the payer");
        channels.makeDeposit(terms, 0);
        vm.deal(terms.payer, 10);
        vm.prank(terms.payer);
        _expect("value is not the amount");
        channels.makeDeposit{value: 4}(terms, 5);
        vm.prank(terms.payer);
        _expect("no deposit");
        channels.makeDeposit(terms, 0);
        _deposit(terms, 5);
        require(_of(terms).balance == 5 && _of(terms).openedAt == block.number, "open");
        vm.prank(terms.payer);
        _expect("channel already used");
        channels.makeDeposit{value: 5}(terms, 5);
        vm.deal(terms.payer, 2);
        vm.prank(terms.payer);
        channels.topUp{value: 2}(terms, 2);
        require(_of(terms).balance == 7, "topped up");
        _expect("only the payer");
        channels.topUp(terms, 0);
    }

    function test_aTokenThatKeepsAFeeIsCreditedAsItArrives() external {
        FeeToken fees = new FeeToken();
        Channels.Terms memory terms = _terms(false);
        terms.payer = address(this);
        terms.asset = address(fees);
        channels.makeDeposit(terms, 1000);
        require(_of(terms).balance == 900, "a tenth stayed behind");
        terms.asset = address(0xdead);
        _expect("not a token");
        channels.makeDeposit(terms, 1000);
    }

    /// @dev P24, P22
    function test_onlyThePayeePublishesAndOnlyWhatThePayerSigned() external {
        Channels.Terms memory terms = _terms(false);
        _deposit(terms, 100);
        bytes memory sig = _commit(PAYER, terms, 60, HASH, DELAY);
        vm.prank(terms.payer);
        _expect("only the payee");
        channels.publishCommit(terms, 60, HASH, DELAY, sig);
        vm.prank(terms.payee);
        _expect("signature of another");
        channels.publishCommit(terms, 61, HASH, DELAY, sig);
        vm.prank(terms.payee);
        _expect("signature of another");
        channels.publishCommit(terms, 60, HASH, DELAY - 1, sig);
        bytes memory much = _commit(PAYER, terms, 101, HASH, DELAY);
        vm.prank(terms.payee);
        _expect("more than the deposit");
        channels.publishCommit(terms, 101, HASH, DELAY, much);
        bytes memory none = _commit(PAYER, terms, 0, HASH, DELAY);
        vm.prank(terms.payee);
        _expect("nothing is committed");
        channels.publishCommit(terms, 0, HASH, DELAY, none);
        vm.prank(terms.payee);
        _expect("signature length");
        channels.publishCommit(terms, 60, HASH, DELAY, hex"00");
        _expect("nothing is committed");
        channels.payout(terms, SPEND);
        _publish(terms, 60);
        bytes memory again = _commit(PAYER, terms, 70, HASH, DELAY);
        vm.prank(terms.payee);
        _expect("a commit is published");
        channels.publishCommit(terms, 70, HASH, DELAY, again);
        vm.roll(block.number + DELAY);
        _expect("wrong spend secret");
        channels.payout(terms, OTHER);
    }

    function test_aHighSIsRefused() external {
        Channels.Terms memory terms = _terms(false);
        _deposit(terms, 100);
        bytes32 digest =
            channels.commitDigest(channels.channelId(terms), 60, HASH, DELAY);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(PAYER, digest);
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes memory high = abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? 28 : 27);
        vm.prank(terms.payee);
        _expect("signature with a high s");
        channels.publishCommit(terms, 60, HASH, DELAY, high);
    }

    /// @dev P21
    function testFuzz_payoutAfterTheDelayThenChange(uint112 deposit, uint112 part, bool isToken)
        external
    {
        deposit = uint112(1 + deposit % 1e24);
        uint112 quantity = 1 + part % deposit;
        Channels.Terms memory terms = _terms(isToken);
        _deposit(terms, deposit);
        _publish(terms, quantity);
        vm.roll(block.number + DELAY - 1);
        _expect("too early");
        channels.payout(terms, SPEND);
        vm.roll(block.number + 1);
        channels.payout(terms, SPEND);
        require(_held(terms.asset, terms.payee) == quantity, "the payee has what was committed");
        _expect("nothing is committed");
        channels.revoke(terms, REVOKE);
        if (quantity < deposit) channels.recoverChange(terms, bytes32(0));
        require(_held(terms.asset, terms.payer) == deposit - quantity, "the payer has the rest");
        require(_held(terms.asset, address(channels)) == 0, "nothing stays");
        _expect("no change");
        channels.recoverChange(terms, SPEND);
    }

    /// @dev P23
    function testFuzz_aRevokedCommitGivesThePayeeNothing(uint112 part, bool isToken) external {
        uint112 quantity = 1 + part % 1000;
        Channels.Terms memory terms = _terms(isToken);
        _deposit(terms, 1000);
        _publish(terms, quantity);
        _expect("wrong revoke secret");
        channels.revoke(terms, OTHER);
        channels.revoke(terms, REVOKE);
        if (quantity < 1000) channels.recoverChange(terms, bytes32(0));
        require(_held(terms.asset, terms.payer) == 1000, "all of it");
        vm.roll(block.number + DELAY);
        _expect("nothing is committed");
        channels.payout(terms, SPEND);
    }

    /// @dev P20
    function test_theDepositExpiresAtItsBlockUnlessACommitIsPublished() external {
        Channels.Terms memory terms = _terms(false);
        uint256 opened = block.number;
        _deposit(terms, 10);
        vm.roll(opened + EXPIRE - 1);
        _expect("not expired");
        channels.recoverExpired(terms);
        vm.roll(opened + EXPIRE);
        channels.recoverExpired(terms);
        require(terms.payer.balance == 10, "the deposit");
        _expect("channel not open");
        channels.recoverExpired(terms);
        bytes memory sig = _commit(PAYER, terms, 1, HASH, DELAY);
        vm.prank(terms.payee);
        _expect("channel not open");
        channels.publishCommit(terms, 1, HASH, DELAY, sig);
        vm.prank(terms.payer);
        _expect("channel not open");
        channels.topUp{value: 1}(terms, 1);
        vm.prank(terms.payer);
        _expect("channel already used");
        channels.makeDeposit{value: 1}(terms, 1);
    }

    function test_aCommitIsPublishedAfterTheExpiryWhileTheFundsAreThere() external {
        Channels.Terms memory terms = _terms(false);
        _deposit(terms, 10);
        vm.roll(block.number + EXPIRE + 5);
        _publish(terms, 4);
        _expect("a commit is published");
        channels.recoverExpired(terms);
    }

    function test_aSpendSecretThatLeaksSweepsAnOpenChannel() external {
        Channels.Terms memory terms = _terms(false);
        _deposit(terms, 10);
        _expect("wrong spend secret");
        channels.recoverChange(terms, OTHER);
        channels.recoverChange(terms, SPEND);
        require(terms.payer.balance == 10, "all of it");
    }

    function test_bothCloseAtOnce() external {
        Channels.Terms memory terms = _terms(true);
        _deposit(terms, 10);
        bytes32 digest = _closing(terms, 7);
        bytes memory payerSig = _signature(PAYER, digest);
        bytes memory payeeSig = _signature(PAYEE, digest);
        _expect("signature of another");
        channels.close(terms, 7, payerSig, payerSig);
        _expect("signature of another");
        channels.close(terms, 6, payerSig, payeeSig);
        channels.close(terms, 7, payerSig, payeeSig);
        require(coin.balanceOf(terms.payee) == 7 && coin.balanceOf(terms.payer) == 3, "divided");
        _expect("channel not open");
        channels.close(terms, 7, payerSig, payeeSig);
    }

    function test_anyonePublishesForAPayeeThatSigned() external {
        Channels.Terms memory terms = _terms(false);
        _deposit(terms, 10);
        bytes memory payerSig = _commit(PAYER, terms, 7, HASH, DELAY);
        bytes32 kind = keccak256(
            "Publish(bytes32 channel,uint112 quantity,bytes20 revokeSecretHash,uint16 delayTime)"
        );
        bytes32 fields =
            keccak256(abi.encode(kind, channels.channelId(terms), uint112(7), HASH, DELAY));
        bytes memory payeeSig = _signature(PAYEE, _typed(fields));
        _expect("signature of another");
        channels.publishCommitFor(terms, 7, HASH, DELAY, payerSig, payerSig);
        channels.publishCommitFor(terms, 7, HASH, DELAY, payerSig, payeeSig);
        require(_of(terms).committed == 7, "published");
    }

    function test_aReceiverThatCallsBackGetsNothingMore() external {
        CallingParty payee = new CallingParty();
        Channels.Terms memory terms = _terms(false);
        terms.payee = address(payee);
        _deposit(terms, 10);
        bytes memory sig = _commit(PAYER, terms, 4, HASH, 0);
        payee.run(
            address(channels),
            0,
            abi.encodeCall(Channels.publishCommit, (terms, 4, HASH, 0, sig))
        );
        payee.callBack(
            address(channels), abi.encodeCall(Channels.recoverChange, (terms, bytes32(0)))
        );
        channels.payout(terms, SPEND);
        require(address(payee).balance == 4 && !payee.calledBack(), "once, and no call back");
    }

    function test_aPayerThatRefusesEtherBlocksOnlyItsOwnClaim() external {
        CallingParty payer = new CallingParty();
        Channels.Terms memory terms = _terms(false);
        terms.payer = address(payer);
        vm.deal(address(payer), 10);
        payer.run(address(channels), 10, abi.encodeCall(Channels.makeDeposit, (terms, 10)));
        payer.refuse(true);
        vm.roll(block.number + EXPIRE);
        _expect("the receiver refuses ether");
        channels.recoverExpired(terms);
        payer.refuse(false);
        channels.recoverExpired(terms);
        require(address(payer).balance == 10, "still there");
    }
}
