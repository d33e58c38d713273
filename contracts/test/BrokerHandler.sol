// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Fixture} from "./Fixture.sol";
import {Broker} from "./Interfaces.sol";
import {vm} from "./Vm.sol";

/// @title Everything anyone can do to a broker, in any order
/// @notice Keeps books of its own, by the rules in contracts/README.md, and fails when the broker
/// does not do what they say.
contract BrokerHandler is Fixture {
    struct Account {
        uint256 deposit;
        uint256 reserve;
        uint256 withdrawRound;
    }

    uint256 public constant SENDERS = 3;
    uint256 public constant RECIPIENTS = 5;
    address private constant SINK = address(0x51);

    /// @notice Fees paid out so far, to one account.
    uint256 public paidOut;
    /// @notice Face values of all redeemed tickets.
    uint256 public redeemed;

    mapping(address sender => Account account) private _books;
    mapping(address recipient => uint256 fees) private _fees;
    mapping(address recipient => uint256 stake) private _stakes;
    mapping(uint256 round => uint256 size) private _poolSizes;
    mapping(uint256 round => mapping(address recipient => bool active)) private _active;
    mapping(address sender => mapping(uint256 round => uint256 amount)) private _claimed;
    mapping(address sender => mapping(uint256 round => mapping(address recipient => uint256 amount)))
        private _claimedBy;
    Redemption[] private _made;

    constructor() {
        for (uint256 i = 0; i < RECIPIENTS; ++i) {
            require(token.transfer(recipientAt(i), 1000 ether), "stake");
            vm.prank(recipientAt(i));
            token.approve(address(bonding), MOST);
        }
        for (uint256 i = 0; i < 2; ++i) {
            bond(i, 5 ether);
        }
        nextRound(0);
        for (uint256 i = 0; i < SENDERS; ++i) {
            fund(i, 3 ether, 2 ether, true);
        }
    }

    function senderKey(uint256 seed) private pure returns (uint256) {
        return keyOf(seed % SENDERS);
    }

    function senderAt(uint256 seed) public pure returns (address) {
        return vm.addr(senderKey(seed));
    }

    function recipientAt(uint256 seed) public pure returns (address) {
        return address(uint160(0xcafe00 + seed % RECIPIENTS));
    }

    function fund(uint256 seed, uint256 deposit, uint256 reserve, bool own) public {
        address sender = senderAt(seed);
        (deposit, reserve) = (deposit % 4 ether, reserve % 4 ether);
        address from = own ? sender : SINK;
        _give(from, deposit + reserve);
        vm.prank(from);
        broker.fundDepositAndReserveFor{value: deposit + reserve}(sender, deposit, reserve);
        Account storage account = _books[sender];
        account.deposit += deposit;
        account.reserve += reserve;
        if (own) account.withdrawRound = 0;
    }

    function fundOne(uint256 seed, uint256 amount, bool isDeposit) external {
        address sender = senderAt(seed);
        amount = amount % 2 ether;
        _give(sender, amount);
        vm.prank(sender);
        if (isDeposit) broker.fundDeposit{value: amount}();
        else broker.fundReserve{value: amount}();
        Account storage account = _books[sender];
        if (isDeposit) account.deposit += amount;
        else account.reserve += amount;
        account.withdrawRound = 0;
    }

    function unlock(uint256 seed) external {
        address sender = senderAt(seed);
        Account storage account = _books[sender];
        bool can = account.deposit + account.reserve > 0 && account.withdrawRound == 0;
        require(_call(sender, abi.encodeCall(broker.unlock, ())) == can, "unlock");
        if (can) account.withdrawRound = rounds.currentRound() + UNLOCK_PERIOD;
    }

    function cancelUnlock(uint256 seed) external {
        address sender = senderAt(seed);
        Account storage account = _books[sender];
        bool can = account.withdrawRound != 0;
        require(_call(sender, abi.encodeCall(broker.cancelUnlock, ())) == can, "cancelUnlock");
        account.withdrawRound = 0;
    }

    function withdraw(uint256 seed) external {
        address sender = senderAt(seed);
        Account storage account = _books[sender];
        uint256 total = account.deposit + account.reserve;
        uint256 due = account.withdrawRound;
        bool can = total > 0 && due != 0 && due <= rounds.currentRound();
        uint256 before = sender.balance;
        require(_call(sender, abi.encodeCall(broker.withdraw, ())) == can, "withdraw");
        require(sender.balance - before == (can ? total : 0), "all to the sender, or nothing");
        if (can) (account.deposit, account.reserve) = (0, 0);
    }

    /// @dev Tickets of all kinds: of this round and the previous one, at the edges of what can be
    /// paid, now and then with a fault.
    function redeem(uint256 seed, uint256 to, uint256 amount, uint256 fault) public {
        seed = seed % SENDERS;
        uint256 round = rounds.currentRound();
        if (amount % 3 == 0 && rounds.blockHashForRound(round - 1) != 0) round -= 1;
        address recipient = recipientAt(to);
        uint256 faceValue = _faceValue(senderAt(seed), recipient, amount);
        Redemption memory made = _ticketOf(senderKey(seed), recipient, faceValue, round);
        fault = fault % 12;
        if (fault == 0) made.recipientRand += 1;
        if (fault == 1) made.ticket.winProb = 0;
        if (fault == 2) made.ticket.auxData = abi.encode(round + 1, bytes32(MOST));
        if (fault < 3) made.sig = _sign(senderKey(seed), made.ticket);
        if (fault == 3) made.sig = _sign(senderKey(seed + 1), made.ticket);
        _check(made, fault > 3, _redeem(made));
        _made.push(made);
    }

    /// @dev A ticket from before, whatever became of it.
    function redeemAgain(uint256 seed) external {
        if (_made.length == 0) return;
        Redemption memory made = _made[seed % _made.length];
        bool wasUsed = _isUsed(made);
        string memory refusal = _redeem(made);
        require(!wasUsed || bytes(refusal).length > 0, "a ticket pays once");
        if (bytes(refusal).length == 0) _book(made);
        require(_isUsed(made) == (wasUsed || bytes(refusal).length == 0), "used only when paid");
    }

    function batch(uint256 seed, uint256 to, uint256 amount) external {
        uint256 count = 1 + seed % 5;
        (seed, to) = (seed % SENDERS, to % RECIPIENTS);
        Broker.Ticket[] memory tickets = new Broker.Ticket[](count + 1);
        bytes[] memory sigs = new bytes[](count + 1);
        uint256[] memory rands = new uint256[](count + 1);
        Redemption[] memory made = new Redemption[](count);
        uint256 round = rounds.currentRound();
        for (uint256 i = 0; i < count; ++i) {
            uint256 number = uint256(keccak256(abi.encode(amount, i)));
            address recipient = recipientAt(to + i);
            uint256 faceValue = _faceValue(senderAt(seed + i), recipient, number);
            made[i] = _ticketOf(senderKey(seed + i), recipient, faceValue, round);
            (tickets[i], sigs[i], rands[i]) = (made[i].ticket, made[i].sig, made[i].recipientRand);
        }
        // The first once more at the end.
        (tickets[count], sigs[count], rands[count]) = (tickets[0], sigs[0], rands[0]);
        bool open = rounds.currentRoundInitialized();
        bytes memory data =
            abi.encodeCall(broker.batchRedeemWinningTickets, (tickets, sigs, rands));
        require(_call(SINK, data) == open, "a batch goes through in an open round");
        for (uint256 i = 0; i < count; ++i) {
            bool pays = _pays(made[i]);
            require(_isUsed(made[i]) == pays, "used only when paid");
            if (pays) _book(made[i]);
        }
        // Had its second copy found what its first one did not, it would be used.
        if (!_isUsed(made[0])) require(!_pays(made[0]), "in the order given");
    }

    function withdrawFees(uint256 seed, uint256 amount) external {
        address recipient = recipientAt(seed);
        amount = _within(amount, 0, _fees[recipient] + 1);
        bool can = amount <= _fees[recipient];
        uint256 before = SINK.balance;
        bytes memory data = abi.encodeCall(broker.withdrawFees, (payable(SINK), amount));
        require(_call(recipient, data) == can, "fees that were earned, no more");
        require(SINK.balance - before == (can ? amount : 0), "all of it, or nothing");
        if (!can) return;
        _fees[recipient] -= amount;
        paidOut += amount;
    }

    function bond(uint256 seed, uint256 amount) public {
        address recipient = recipientAt(seed);
        amount = 1 + amount % 10 ether;
        if (amount > token.balanceOf(recipient)) return;
        vm.prank(recipient);
        bonding.bond(amount, recipient);
        _stakes[recipient] += amount;
    }

    function unbond(uint256 seed, uint256 amount) external {
        address recipient = recipientAt(seed);
        if (_stakes[recipient] == 0) return;
        amount = amount % 2 == 0 ? _stakes[recipient] : _within(amount, 1, _stakes[recipient]);
        vm.prank(recipient);
        bonding.unbond(amount);
        _stakes[recipient] -= amount;
    }

    /// @dev Mostly the next round; now and then some rounds pass, or one is not initialized.
    function nextRound(uint256 seed) public {
        uint256 round = rounds.currentRound() + (seed % 7 == 6 ? 3 : 1);
        _skipTo(round);
        _poolSizes[round] = bonding.getTranscoderPoolSize();
        address[] memory pool = bonding.getTranscoderPool();
        for (uint256 i = 0; i < pool.length; ++i) {
            _active[round][pool[i]] = true;
        }
        if (seed % 5 != 4) rounds.initializeRound();
    }

    function initializeRound() external {
        if (!rounds.currentRoundInitialized()) rounds.initializeRound();
    }

    /// @notice Whether the broker's accounts and the pool are as in the books.
    function agree() external view returns (bool) {
        uint256 round = rounds.currentRound();
        for (uint256 i = 0; i < SENDERS; ++i) {
            address sender = senderAt(i);
            Account memory book = _books[sender];
            (Broker.Sender memory account, Broker.ReserveInfo memory reserve) =
                broker.getSenderInfo(sender);
            if (account.deposit != book.deposit) return false;
            if (account.withdrawRound != book.withdrawRound) return false;
            if (reserve.fundsRemaining != book.reserve) return false;
            if (reserve.claimedInCurrentRound != _claimed[sender][round]) return false;
        }
        for (uint256 i = 0; i < RECIPIENTS; ++i) {
            address recipient = recipientAt(i);
            if (broker.pendingFees(recipient) != _fees[recipient]) return false;
            if (broker.isRegistered(recipient) != (_stakes[recipient] > 0)) return false;
            uint256 divisor = _active[round][recipient] ? _poolSizes[round] : 0;
            if (bonding.reserveDivisor(recipient) != divisor) return false;
        }
        return true;
    }

    /// @notice Wei in all deposits and reserves, as the broker tells it.
    function heldForSenders() external view returns (uint256 sum) {
        for (uint256 i = 0; i < SENDERS; ++i) {
            sum += _deposit(senderAt(i)) + _reserve(senderAt(i));
        }
    }

    /// @notice Wei of all fees not withdrawn, as the broker tells it.
    function heldForRecipients() external view returns (uint256 sum) {
        for (uint256 i = 0; i < RECIPIENTS; ++i) {
            sum += broker.pendingFees(recipientAt(i));
        }
    }

    /// @notice Whether all claims of this round are within their shares.
    function claimsWithinShares() external view returns (bool) {
        uint256 round = rounds.currentRound();
        for (uint256 i = 0; i < SENDERS; ++i) {
            address sender = senderAt(i);
            uint256 sum = 0;
            for (uint256 j = 0; j < RECIPIENTS; ++j) {
                address recipient = recipientAt(j);
                uint256 own = broker.claimedReserve(sender, recipient);
                sum += own;
                if (own != _claimedBy[sender][round][recipient]) return false;
                // After a withdrawal there is nothing left to divide.
                if (_books[sender].reserve == 0 || own == 0) continue;
                uint256 divided = _books[sender].reserve + _claimed[sender][round];
                if (!_wasWithdrawn(sender) && own * _poolSizes[round] > divided) return false;
            }
            if (sum != broker.getReserveInfo(sender).claimedInCurrentRound) return false;
        }
        return true;
    }

    /// @notice The broker's wei.
    function balance() external view returns (uint256) {
        return address(broker).balance;
    }

    function _wasWithdrawn(address sender) private view returns (bool) {
        uint256 due = _books[sender].withdrawRound;
        return due != 0 && due <= rounds.currentRound();
    }

    function _check(Redemption memory made, bool valid, string memory refusal) private {
        bool pays = valid && _pays(made);
        require(pays == (bytes(refusal).length == 0), string.concat("redemption: ", refusal));
        require(_isUsed(made) == pays, "used only when paid");
        if (pays) _book(made);
    }

    /// @dev The rule: whole, from the deposit and from what is left of the recipient's share.
    function _pays(Redemption memory made) private view returns (bool) {
        if (!rounds.currentRoundInitialized()) return false;
        Account memory account = _books[made.ticket.sender];
        if (_wasWithdrawn(made.ticket.sender)) return false;
        if (account.deposit + account.reserve == 0) return false;
        uint256 faceValue = made.ticket.faceValue;
        if (faceValue == 0) return true;
        if (_stakes[made.ticket.recipient] == 0) return false;
        return faceValue <= account.deposit + _share(made.ticket.sender, made.ticket.recipient);
    }

    function _share(address sender, address recipient) private view returns (uint256) {
        uint256 round = rounds.currentRound();
        if (!_active[round][recipient]) return 0;
        uint256 reserve = _books[sender].reserve;
        uint256 share = (reserve + _claimed[sender][round]) / _poolSizes[round];
        uint256 own = _claimedBy[sender][round][recipient];
        if (share <= own) return 0;
        return share - own < reserve ? share - own : reserve;
    }

    function _book(Redemption memory made) private {
        address sender = made.ticket.sender;
        address recipient = made.ticket.recipient;
        uint256 faceValue = made.ticket.faceValue;
        Account storage account = _books[sender];
        uint256 fromDeposit = faceValue < account.deposit ? faceValue : account.deposit;
        uint256 fromReserve = faceValue - fromDeposit;
        account.deposit -= fromDeposit;
        account.reserve -= fromReserve;
        uint256 round = rounds.currentRound();
        _claimed[sender][round] += fromReserve;
        _claimedBy[sender][round][recipient] += fromReserve;
        _fees[recipient] += faceValue;
        redeemed += faceValue;
    }

    /// @dev Small, or at one of the edges: the deposit, all that can be claimed, one wei more.
    function _faceValue(address sender, address recipient, uint256 seed)
        private
        view
        returns (uint256)
    {
        uint256 deposit = _books[sender].deposit;
        uint256 reach = deposit + _share(sender, recipient);
        uint256[6] memory values =
            [seed % 0.5 ether, deposit, reach, reach + 1, _within(seed, 0, reach), 0];
        return values[seed % 13 == 12 ? 5 : seed % 5];
    }

    function _give(address account, uint256 amount) private {
        vm.deal(account, account.balance + amount);
    }

    function _call(address from, bytes memory data) private returns (bool done) {
        vm.prank(from);
        (done,) = address(broker).call(data);
    }
}
