// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Fixture} from "./Fixture.sol";
import {Broker} from "./Interfaces.sol";
import {vm} from "./Vm.sol";

/// @title Redemptions of single tickets and of batches
contract RedemptionTest is Fixture {
    uint256 private immutable KEY = keyOf(1);
    address private immutable SENDER = vm.addr(KEY);
    /// @dev The order of the curve.
    uint256 private constant ORDER =
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    address private constant RECIPIENT = address(0xcafe);

    function testFuzz_allOrNothing(uint88 deposit, uint88 reserve, uint256 faceValue, uint8 pool)
        external
    {
        vm.assume(deposit > 0 || reserve > 0);
        uint256 members = _formPool(pool);
        _fund(SENDER, deposit, reserve);
        uint256 reach = uint256(deposit) + reserve / members;
        // Often at the edge, where one wei decides.
        uint256[4] memory values = [reach, reach + 1, deposit, faceValue];
        faceValue = values[faceValue % 4];
        Redemption memory made = _ticket(KEY, RECIPIENT, faceValue);
        string memory refusal = _redeem(made);
        bool pays = faceValue <= reach;
        require(_same(refusal, pays ? "" : INSUFFICIENT), "pays what it can reach, or nothing");
        require(_isUsed(made) == pays, "used only when paid");
        uint256 paid = pays ? faceValue : 0;
        require(broker.pendingFees(RECIPIENT) == paid, "the whole face value");
        uint256 left = uint256(deposit) + reserve - paid;
        require(_deposit(SENDER) + _reserve(SENDER) == left, "out of the sender's account");
        require(!pays || faceValue > deposit || _reserve(SENDER) == reserve, "deposit comes first");
        require(!pays || _same(_redeem(made), "ticket is used"), "a ticket pays once");
    }

    function testFuzz_registeredButNotActiveIsPaidFromTheDeposit(uint96 deposit, uint96 faceValue)
        external
    {
        vm.assume(deposit > 0);
        _fund(SENDER, deposit, 10 ether);
        _bond(RECIPIENT, 1 ether);
        Redemption memory made = _ticket(KEY, RECIPIENT, faceValue);
        bool pays = faceValue <= deposit;
        require(_same(_redeem(made), pays ? "" : INSUFFICIENT), "from the deposit alone");
        require(_isUsed(made) == pays, "used only when paid");
    }

    function testFuzz_unregisteredIsPaidNothing(uint96 deposit, uint96 faceValue) external {
        vm.assume(deposit > 0 && faceValue > 0 && faceValue <= deposit);
        _fund(SENDER, deposit, 0);
        Redemption memory made = _ticket(KEY, RECIPIENT, faceValue);
        require(_same(_redeem(made), "transcoder must be registered"), "refused");
        require(!_isUsed(made), "unused");
    }

    function testFuzz_winsStrictlyBelowItsProbability(uint256 winProb, uint256 rand) external {
        _ready();
        Redemption memory made = _ticket(KEY, RECIPIENT, 1);
        made.recipientRand = rand;
        made.ticket.recipientRandHash = keccak256(abi.encode(rand));
        made.ticket.winProb = winProb;
        made.sig = _sign(KEY, made.ticket);
        bool wins = uint256(keccak256(abi.encodePacked(made.sig, rand))) < winProb;
        require(_same(_redeem(made), wins ? "" : "ticket did not win"), "its own draw decides");
    }

    function testFuzz_noOtherSignatureIsTaken(uint256 position, uint8 change) external {
        vm.assume(change != 0);
        _ready();
        Redemption memory made = _ticket(KEY, RECIPIENT, 1);
        position = position % 65;
        made.sig[position] = made.sig[position] ^ bytes1(change);
        require(bytes(_redeem(made)).length > 0, "one bit off");
        require(!_isUsed(made), "unused");
    }

    function testFuzz_theTwinOfASignatureIsNotTaken(uint256 faceValue) external {
        _ready();
        Redemption memory made = _ticket(KEY, RECIPIENT, faceValue % 10 ether);
        (bytes32 r, uint256 s, uint8 v) = _split(made.sig);
        made.sig = abi.encodePacked(r, ORDER - s, v == 27 ? 28 : 27);
        require(_same(_redeem(made), "ECDSA: invalid signature 's' value"), "high s");
        made.sig = abi.encodePacked(r, s, v - 27);
        require(_same(_redeem(made), "ECDSA: invalid signature 'v' value"), "v 0 or 1");
        made.sig = abi.encodePacked(r, bytes32((uint256(v - 27) << 255) | s));
        require(_same(_redeem(made), "INVALID_SIGNATURE_LENGTH"), "the compact form");
        require(!_isUsed(made), "unused");
    }

    function testFuzz_noOtherTicketIsTaken(uint256 field, uint256 value) external {
        _ready();
        Redemption memory made = _ticket(KEY, RECIPIENT, 1);
        Broker.Ticket memory ticket = made.ticket;
        bytes32 before = broker.getTicketHash(ticket);
        field = field % 6;
        if (field == 0) ticket.recipient = address(uint160(value));
        if (field == 1) ticket.sender = address(uint160(value));
        if (field == 2) ticket.faceValue = value;
        if (field == 3) ticket.winProb = value;
        if (field == 4) ticket.senderNonce = value;
        if (field == 5) ticket.auxData = abi.encode(value, blockhash(value));
        vm.assume(broker.getTicketHash(ticket) != before);
        require(bytes(_redeem(made)).length > 0, "not what was signed");
    }

    function testFuzz_validForItsPeriod(uint8 age) external {
        _ready();
        Redemption memory made = _ticket(KEY, RECIPIENT, 1);
        uint256 passed = age % 5;
        for (uint256 i = 0; i < passed; ++i) {
            _nextRound();
        }
        bool valid = passed < VALIDITY_PERIOD;
        require(_same(_redeem(made), valid ? "" : "ticket is expired"), "two rounds");
    }

    function testFuzz_sharesDoNotMoveWithinARound(uint96 reserve, uint256 claim, uint8 newcomers)
        external
    {
        vm.assume(reserve >= 3);
        _bond(RECIPIENT, 1 ether);
        _nextRound();
        _fund(SENDER, 0, reserve);
        claim = _within(claim, 1, reserve);
        require(_same(_redeem(_ticket(KEY, RECIPIENT, claim)), ""), "alone: all of it");
        for (uint256 i = 0; i < newcomers % 4; ++i) {
            _bond(address(uint160(0xf000 + i)), 2 ether);
        }
        uint256 left = reserve - claim;
        require(broker.claimableReserve(SENDER, RECIPIENT) == left, "all that is left");
        if (left > 0) require(_same(_redeem(_ticket(KEY, RECIPIENT, left)), ""), "and it is paid");
        require(broker.claimableReserve(SENDER, address(0xf000)) == 0, "newcomers wait");
    }

    function testFuzz_aBatchPaysWhatItCan(uint256 deposit, uint256[6] memory seeds) external {
        _ready();
        uint256 count = seeds.length;
        Broker.Ticket[] memory tickets = new Broker.Ticket[](count);
        bytes[] memory sigs = new bytes[](count);
        uint256[] memory rands = new uint256[](count);
        deposit = _deposit(SENDER);
        uint256 left = deposit;
        bool[] memory pays = new bool[](count);
        for (uint256 i = 0; i < count; ++i) {
            // Each asks for up to half of the deposit, so that the last ones may find none.
            uint256 faceValue = _within(seeds[i], 1, deposit / 2);
            Redemption memory made = _ticket(KEY, RECIPIENT, faceValue);
            bool spoilt = seeds[i] % 5 == 0;
            if (spoilt) made.recipientRand += 1;
            (tickets[i], sigs[i], rands[i]) = (made.ticket, made.sig, made.recipientRand);
            pays[i] = !spoilt && faceValue <= left;
            if (pays[i]) left -= faceValue;
        }
        broker.batchRedeemWinningTickets(tickets, sigs, rands);
        require(_deposit(SENDER) == left, "deposit");
        require(broker.pendingFees(RECIPIENT) == deposit - left, "fees");
        for (uint256 i = 0; i < count; ++i) {
            require(broker.usedTickets(broker.getTicketHash(tickets[i])) == pays[i], "used if paid");
        }
    }

    function testFuzz_feesAddUp(uint96[5] memory values, uint8[5] memory ages) external {
        _ready();
        uint256 earned = 0;
        for (uint256 i = 0; i < values.length; ++i) {
            uint256 created = rounds.currentRound();
            Redemption memory made = _ticketOf(KEY, RECIPIENT, values[i] % 1 ether, created);
            if (ages[i] % 2 == 1) _nextRound();
            if (_deposit(SENDER) < 1 ether) _fund(SENDER, 1 ether, 0);
            require(_same(_redeem(made), ""), "redeemed");
            earned += made.ticket.faceValue;
            require(broker.pendingFees(RECIPIENT) == earned, "every wei is booked");
            uint256 part = values[i] % (earned + 1);
            vm.prank(RECIPIENT);
            broker.withdrawFees(payable(address(0xd00d)), part);
            earned -= part;
            require(broker.pendingFees(RECIPIENT) == earned, "every wei is accounted for");
        }
        vm.prank(RECIPIENT);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "insufficient fees to withdraw"));
        broker.withdrawFees(payable(address(0xd00d)), earned + 1);
    }

    function _split(bytes memory sig) private pure returns (bytes32 r, uint256 s, uint8 v) {
        assembly ("memory-safe") {
            r := mload(add(sig, 32))
            s := mload(add(sig, 64))
            v := byte(0, mload(add(sig, 96)))
        }
    }

    /// @dev One active recipient and a sender with 10 ether of deposit.
    function _ready() private {
        _bond(RECIPIENT, 1 ether);
        _nextRound();
        _fund(SENDER, 10 ether, 0);
    }

    function _formPool(uint8 seed) private returns (uint256 members) {
        members = 1 + seed % POOL_SIZE;
        _bond(RECIPIENT, 1 ether);
        for (uint256 i = 1; i < members; ++i) {
            _bond(address(uint160(0xf000 + i)), 1 ether);
        }
        _nextRound();
    }
}
