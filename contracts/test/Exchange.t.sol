// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ExchangeFixture} from "./ExchangeFixture.sol";
import {Exchange, Users} from "./ExchangeInterfaces.sol";
import {PlainToken} from "./PlainToken.sol";
import {vm} from "./Vm.sol";

/// @title Bids, channels, checks
contract ExchangeTest is ExchangeFixture {
    uint256 private immutable KEY = walletKey(1);
    address private immutable BIDDER = vm.addr(walletKey(1));
    address private constant PAYEE = address(0xcafe);
    address private constant OTHER = address(0xbeef);

    function testFuzz_a15_aBidEscrowsThePriceOfTheWholeVideo(uint64 price, uint16 seconds_) external {
        vm.assume(price > 0 && seconds_ > 0);
        Exchange.Bid memory bid = _bid(price, seconds_, 2);
        uint256 whole = uint256(price) * seconds_;
        _fund(BIDDER, ETHER, whole + 5);
        require(_same(_open(PAYEE, bid, _signBid(KEY, bid)), ""), "opened");
        (address payer, uint96 escrow) = exchange.channelOf(exchange.bidDigest(bid));
        require(payer == BIDDER && escrow == whole, "bid x duration in escrow");
        require(exchange.balanceOf(ETHER, BIDDER) == 5, "the rest stays");
    }

    function testFuzz_a12_aChangedFieldVoidsTheSignature(uint8 field) external {
        _fund(BIDDER, ETHER, 1000);
        Exchange.Bid memory bid = _bid(10, 20, 2);
        bytes memory sig = _signBid(KEY, bid);
        uint256 which = field % 10;
        if (which == 0) bid.nonce = bytes32(uint256(1));
        if (which == 1) bid.bid = 9;
        if (which == 2) bid.expiration += 1;
        if (which == 3) bid.hash = bytes32(uint256(9));
        if (which == 4) bid.format = "other";
        if (which == 5) bid.to = communicationKey(9);
        if (which == 6) bid.asset = address(token);
        if (which == 7) bid.duration = 19;
        if (which == 8) bid.segmentSeconds = 3;
        if (which == 9) bid.key = communicationKey(8);
        require(_same(_open(PAYEE, bid, sig), "balance is too small"), "signed by nobody with funds");
        bid = _bid(10, 20, 2);
        bid.payee = OTHER;
        require(_same(_open(OTHER, bid, sig), "balance is too small"), "another payee");
    }

    function test_a13_fourReasonsNotToOpen() external {
        Exchange.Bid memory bid = _bid(10, 20, 2);
        require(_same(_open(PAYEE, bid, _signBid(KEY, bid)), "balance is too small"), "funds");
        _fund(BIDDER, ETHER, 1000);
        vm.prank(BIDDER);
        users.register(bid.key, "");
        bid.nonce = bytes32(uint256(7));
        require(_same(_open(PAYEE, bid, _signBid(KEY, bid)), "nonce is not the wallet's"), "nonce");
        bid.nonce = 0;
        bytes memory sig = _signBid(KEY, bid);
        sig[64] = 0x1d;
        require(_same(_open(PAYEE, bid, sig), "signature v"), "signature");
        require(_same(_open(PAYEE, bid, _highS(bid)), "signature with a high s"), "the other s");
        require(_same(_open(PAYEE, bid, hex"00"), "signature length"), "short");
        require(_same(_open(PAYEE, bid, new bytes(65)), "signature v"), "empty");
        bid.key = communicationKey(2);
        require(_same(_open(PAYEE, bid, _signBid(KEY, bid)), "key is not the wallet's"), "key");
        bid.key = communicationKey(1);
        require(_same(_open(OTHER, bid, _signBid(KEY, bid)), "only the payee"), "payee");
        vm.warp(bid.expiration);
        require(_same(_open(PAYEE, bid, _signBid(KEY, bid)), "bid is expired"), "expired");
    }

    function test_a2_aRevokedKeyCannotOpen() external {
        Exchange.Bid memory bid = _bid(10, 20, 2);
        _fund(BIDDER, ETHER, 1000);
        vm.prank(BIDDER);
        users.register(bid.key, "who I am");
        vm.prank(BIDDER);
        users.revokeKey(bid.key);
        require(!users.isKeyOf(BIDDER, bid.key), "revoked");
        require(_same(_open(PAYEE, bid, _signBid(KEY, bid)), "key is not the wallet's"), "refused");
        vm.prank(BIDDER);
        users.addKey(bid.key);
        require(_same(_open(PAYEE, bid, _signBid(KEY, bid)), ""), "added again");
    }

    function test_a14_theNonceIsTheLastBid() external {
        _fund(BIDDER, ETHER, 10_000);
        vm.prank(BIDDER);
        users.register(communicationKey(1), "");
        bytes32 nonce = 0;
        for (uint96 i = 1; i <= 3; ++i) {
            Exchange.Bid memory bid = _bid(i, 20, 2);
            bid.nonce = nonce;
            Exchange.Bid memory twin = _bid(i + 10, 20, 2);
            twin.nonce = nonce;
            require(_same(_open(PAYEE, bid, _signBid(KEY, bid)), ""), "the next of the chain");
            require(
                _same(_open(PAYEE, twin, _signBid(KEY, twin)), "nonce is not the wallet's"),
                "two bids on one nonce"
            );
            nonce = exchange.bidDigest(bid);
            require(users.nonceOf(BIDDER) == nonce, "the nonce names the last channel");
        }
    }

    function test_a26_anUnregisteredWalletBidsWithoutNonceAndOnce() external {
        _fund(BIDDER, ETHER, 10_000);
        Exchange.Bid memory bid = _bid(10, 20, 2);
        bid.nonce = keccak256("anything");
        bytes memory sig = _signBid(KEY, bid);
        require(_same(_open(PAYEE, bid, sig), ""), "opened");
        require(_same(_open(PAYEE, bid, sig), "bid was opened"), "not again");
        vm.warp(bid.expiration);
        exchange.reclaim(bid);
        require(_same(_open(PAYEE, bid, sig), "bid is expired"), "never again");
        require(users.nonceOf(BIDDER) == 0 && !users.isRegistered(BIDDER), "nothing is written");
    }

    function testFuzz_a17_aCheckPaysItsSegmentsAndTheRestGoesBack(uint8 balance, uint8 seconds_, uint8 length)
        external
    {
        vm.assume(seconds_ > 0 && length > 0);
        Exchange.Bid memory bid = _bid(7, seconds_, length);
        _fund(BIDDER, address(token), uint256(7) * seconds_);
        bid.asset = address(token);
        bytes32 channel = _opened(bid);
        bytes memory check = _signCheck(KEY, channel, balance);
        require(_same(_cash(OTHER, bid, balance, check), "only the payee"), "others");
        require(
            _same(_cash(PAYEE, bid, uint32(balance) + 1, check), "not the payer's check"), "one more"
        );
        require(_same(_cash(PAYEE, bid, balance, check), ""), "cashed");
        uint256 sold = uint256(balance) * length;
        uint256 value = 7 * (sold < seconds_ ? sold : seconds_);
        require(exchange.balanceOf(address(token), PAYEE) == value, "the segments' value");
        require(exchange.balanceOf(address(token), BIDDER) == uint256(7) * seconds_ - value, "rest");
        require(_same(_cash(PAYEE, bid, balance, check), "channel is closed"), "once");
        vm.warp(bid.expiration);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "channel is closed"));
        exchange.reclaim(bid);
    }

    function test_a19_theRestGoesBackAfterTheExpiration() external {
        Exchange.Bid memory bid = _bid(10, 20, 2);
        _fund(BIDDER, ETHER, 200);
        bytes32 channel = _opened(bid);
        vm.warp(bid.expiration - 1);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "bid is not expired"));
        exchange.reclaim(bid);
        vm.warp(bid.expiration);
        vm.prank(OTHER);
        exchange.reclaim(bid);
        require(exchange.balanceOf(ETHER, BIDDER) == 200, "anyone may, to the bidder");
        bytes memory late = _signCheck(KEY, channel, 3);
        require(_same(_cash(PAYEE, bid, 3, late), "channel is closed"), "too late");
        vm.prank(BIDDER);
        exchange.withdraw(ETHER, 200);
        require(BIDDER.balance == 200, "withdrawn");
    }

    function test_lateCashingCountsUntilItIsReclaimed() external {
        Exchange.Bid memory bid = _bid(10, 20, 2);
        _fund(BIDDER, ETHER, 200);
        bytes32 channel = _opened(bid);
        vm.warp(uint256(bid.expiration) + 1000);
        require(_same(_cash(PAYEE, bid, 3, _signCheck(KEY, channel, 3)), ""), "cashed");
        require(exchange.balanceOf(ETHER, PAYEE) == 60, "paid");
    }

    function test_aWithdrawalBeforeOpeningStopsIt() external {
        Exchange.Bid memory bid = _bid(10, 20, 2);
        _fund(BIDDER, ETHER, 200);
        vm.prank(BIDDER);
        exchange.withdraw(ETHER, 1);
        require(_same(_open(PAYEE, bid, _signBid(KEY, bid)), "balance is too small"), "refused");
    }

    function testFuzz_whatArrivesOfATokenCounts(uint8 fee, uint64 amount) external {
        PlainToken greedy = new PlainToken(fee % 101);
        _fund(BIDDER, address(greedy), amount);
        require(
            exchange.balanceOf(address(greedy), BIDDER) == greedy.balanceOf(address(exchange)),
            "no more than is there"
        );
    }

    function test_valueComesExactlyAsSaid() external {
        vm.deal(OTHER, 10);
        vm.prank(OTHER);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "value is not the amount"));
        exchange.fund{value: 5}(ETHER, 6);
        vm.prank(OTHER);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "value with a token"));
        exchange.fund{value: 5}(address(token), 5);
    }

    function test_aReceiverThatCallsBackGetsNoMore() external {
        _fund(OTHER, ETHER, 50);
        Caller caller = new Caller(exchange);
        _fund(address(caller), ETHER, 10);
        caller.start(10);
        require(address(caller).balance == 10, "no more than its own");
        require(address(exchange).balance == 50, "the others' funds are there");
    }

    function test_aPriceAboveTheSlotIsRefused() external {
        Exchange.Bid memory bid = _bid(type(uint96).max, 2, 2);
        _fund(BIDDER, ETHER, 200);
        require(_same(_open(PAYEE, bid, _signBid(KEY, bid)), "price is too large"), "refused");
    }

    function testFuzz_onlyTheExchangeAdvancesNonces(address caller) external {
        vm.assume(caller != address(exchange));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "caller must be the exchange"));
        users.admit(BIDDER, 0, 0, 0);
    }

    function _opened(Exchange.Bid memory bid) private returns (bytes32) {
        require(_same(_open(PAYEE, bid, _signBid(KEY, bid)), ""), "opened");
        return exchange.bidDigest(bid);
    }

    function _bid(uint96 price, uint32 seconds_, uint32 length)
        private
        view
        returns (Exchange.Bid memory)
    {
        return Exchange.Bid({
            nonce: 0,
            bid: price,
            expiration: uint64(block.timestamp + 1000),
            hash: keccak256("directory"),
            format: "720p",
            to: communicationKey(0),
            payee: PAYEE,
            asset: ETHER,
            duration: seconds_,
            segmentSeconds: length,
            key: communicationKey(1)
        });
    }

    /// @dev The other signature that the same key makes of the same digest.
    function _highS(Exchange.Bid memory bid) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, exchange.bidDigest(bid));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        return abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? uint8(28) : uint8(27));
    }
}

/// @title A receiver that calls again while it is being paid
contract Caller {
    Exchange private immutable EXCHANGE;
    uint256 private _amount;

    constructor(Exchange exchange) {
        EXCHANGE = exchange;
    }

    function start(uint256 amount) external {
        _amount = amount;
        EXCHANGE.withdraw(address(0), amount);
    }

    receive() external payable {
        (bool done,) =
            address(EXCHANGE).call(abi.encodeCall(EXCHANGE.withdraw, (address(0), _amount)));
        require(!done, "a second payment");
        (done,) = address(EXCHANGE).call{value: 1}(
            abi.encodeCall(EXCHANGE.fund, (address(0), 1))
        );
        require(!done, "funded while being paid");
    }
}
