// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBondingManager} from "./interfaces/IBondingManager.sol";
import {BrokerSettings} from "./BrokerSettings.sol";
import {RoundClock} from "./RoundClock.sol";

/// @title Deposits and reserves of senders
/// @notice A deposit pays any recipient, first come first served. A reserve is divided evenly among
/// the orchestrators that are active in a round, and pays what the deposit cannot.
abstract contract SenderAccounts is BrokerSettings, RoundClock {
    /// @notice A sender's account, as {getSenderInfo} gives it.
    struct Sender {
        uint256 deposit;
        uint256 withdrawRound;
    }

    /// @notice A sender's reserve, as {getReserveInfo} gives it.
    struct ReserveInfo {
        uint256 fundsRemaining;
        uint256 claimedInCurrentRound;
    }

    /// @dev In memory only: stored as one word, see {_load} and {_store}. `withdrawRound` is 0
    /// unless an unlock was initiated.
    struct Account {
        uint256 deposit;
        uint256 reserve;
        uint256 withdrawRound;
    }

    /// @dev Counts only while `round` is the current round.
    struct Claimed {
        uint96 amount;
        uint64 round;
    }

    string internal constant NO_FUNDS = "sender deposit and reserve are zero";
    uint256 private constant AMOUNT_MASK = type(uint96).max;

    /// @notice Knows who is active, and in how many parts a reserve is divided.
    IBondingManager public immutable bondingManager;

    /// @dev Bits 0-95 the deposit, 96-191 the reserve, 192-255 the withdraw round.
    mapping(address sender => uint256 account) private _accounts;
    mapping(address holder => Claimed claimed) private _claimed;
    mapping(address holder => mapping(address claimant => Claimed claimed)) private _claimedBy;

    /// @notice A deposit grew.
    event DepositFunded(address indexed sender, uint256 amount);

    /// @notice A reserve grew.
    event ReserveFunded(address indexed reserveHolder, uint256 amount);

    /// @notice A claimant was paid from a reserve.
    event ReserveClaimed(address indexed reserveHolder, address claimant, uint256 amount);

    /// @notice A sender may withdraw from `endRound` on.
    event Unlock(address indexed sender, uint256 startRound, uint256 endRound);

    /// @notice An unlock was taken back.
    event UnlockCancelled(address indexed sender);

    /// @notice A sender withdrew everything.
    event Withdrawal(address indexed sender, uint256 deposit, uint256 reserve);

    constructor(IBondingManager bondingManager_) {
        bondingManager = bondingManager_;
    }

    /// @notice Adds the value sent to the caller's deposit. Cancels the caller's unlock.
    function fundDeposit() external payable whenSystemNotPaused {
        _fund(msg.sender, msg.value, 0);
        emit DepositFunded(msg.sender, msg.value);
    }

    /// @notice Adds the value sent to the caller's reserve. Cancels the caller's unlock.
    function fundReserve() external payable whenSystemNotPaused {
        _fund(msg.sender, 0, msg.value);
        emit ReserveFunded(msg.sender, msg.value);
    }

    /// @notice Adds to the caller's deposit and reserve. Cancels the caller's unlock.
    /// @param depositAmount Wei for the deposit.
    /// @param reserveAmount Wei for the reserve; both together are the value sent.
    function fundDepositAndReserve(uint256 depositAmount, uint256 reserveAmount) external payable {
        fundDepositAndReserveFor(msg.sender, depositAmount, reserveAmount);
    }

    /// @notice Adds to anyone's deposit and reserve. An unlock is cancelled only when it is the
    /// caller's own.
    /// @param addr Whose account.
    /// @param depositAmount Wei for the deposit.
    /// @param reserveAmount Wei for the reserve; both together are the value sent.
    function fundDepositAndReserveFor(address addr, uint256 depositAmount, uint256 reserveAmount)
        public
        payable
        whenSystemNotPaused
    {
        bool splits = depositAmount <= msg.value && msg.value - depositAmount == reserveAmount;
        require(splits, "msg.value does not equal sum of deposit amount and reserve amount");
        _fund(addr, depositAmount, reserveAmount);
        emit DepositFunded(addr, depositAmount);
        emit ReserveFunded(addr, reserveAmount);
    }

    /// @notice Begins to unlock the caller's deposit and reserve. Tickets stay redeemable until the
    /// withdraw round.
    function unlock() external whenSystemNotPaused {
        Account memory account = _load(msg.sender);
        _requireFunds(account);
        require(account.withdrawRound == 0, "unlock already initiated");
        uint256 round = _currentRound();
        account.withdrawRound = round + _settings.unlockPeriod;
        _store(msg.sender, account);
        emit Unlock(msg.sender, round, account.withdrawRound);
    }

    /// @notice Takes the caller's unlock back.
    function cancelUnlock() external whenSystemNotPaused {
        Account memory account = _load(msg.sender);
        require(account.withdrawRound != 0, "no unlock request in progress");
        account.withdrawRound = 0;
        _store(msg.sender, account);
        emit UnlockCancelled(msg.sender);
    }

    /// @notice Pays the caller's deposit and reserve out, once its withdraw round has come. The
    /// account stays unlocked until the caller funds it again.
    function withdraw() external whenSystemNotPaused {
        Account memory account = _load(msg.sender);
        _requireFunds(account);
        require(account.withdrawRound != 0, "no unlock request in progress");
        require(_currentRound() >= account.withdrawRound, "account is locked");
        _store(msg.sender, Account(0, 0, account.withdrawRound));
        emit Withdrawal(msg.sender, account.deposit, account.reserve);
        (bool sent,) = msg.sender.call{value: account.deposit + account.reserve}("");
        require(sent, "ether transfer failed");
    }

    /// @notice A sender's deposit, withdraw round and reserve.
    /// @param addr The sender.
    function getSenderInfo(address addr)
        external
        view
        returns (Sender memory sender, ReserveInfo memory reserve)
    {
        Account memory account = _load(addr);
        return (Sender(account.deposit, account.withdrawRound), getReserveInfo(addr));
    }

    /// @notice What is left of a reserve and what was claimed of it in the current round.
    /// @param reserveHolder Whose reserve.
    function getReserveInfo(address reserveHolder) public view returns (ReserveInfo memory) {
        uint256 claimed = _amountIn(_claimed[reserveHolder], _currentRound());
        return ReserveInfo(_load(reserveHolder).reserve, claimed);
    }

    /// @notice What a claimant could still claim of a reserve in the current round; 0 when it is not
    /// active.
    /// @param reserveHolder Whose reserve.
    /// @param claimant The orchestrator.
    function claimableReserve(address reserveHolder, address claimant) external view returns (uint256) {
        return _claimable(reserveHolder, claimant, _load(reserveHolder).reserve);
    }

    /// @notice What a claimant has claimed of a reserve in the current round.
    /// @param reserveHolder Whose reserve.
    /// @param claimant The orchestrator.
    function claimedReserve(address reserveHolder, address claimant) external view returns (uint256) {
        return _amountIn(_claimedBy[reserveHolder][claimant], _currentRound());
    }

    /// @notice Whether a sender initiated an unlock and neither cancelled it nor funded since.
    /// @param addr The sender.
    function isUnlockInProgress(address addr) external view returns (bool) {
        return _load(addr).withdrawRound != 0;
    }

    /// @dev Books a claim that {_claimable} allows. The caller takes it off the account.
    function _claim(address holder, address claimant, uint256 amount) internal {
        uint256 round = _currentRound();
        uint256 total = _amountIn(_claimed[holder], round) + amount;
        uint256 own = _amountIn(_claimedBy[holder][claimant], round) + amount;
        _claimed[holder] = Claimed(uint96(total), uint64(round));
        _claimedBy[holder][claimant] = Claimed(uint96(own), uint64(round));
        emit ReserveClaimed(holder, claimant, amount);
    }

    /// @dev The divisor is fixed for the round. What is divided, the funds left plus all claims of
    /// the round, is not changed by a claim and only grows by funding. So a share never shrinks below
    /// what was claimed, except after a withdrawal, when nothing is claimable.
    function _claimable(address holder, address claimant, uint256 reserve)
        internal
        view
        returns (uint256)
    {
        uint256 divisor = bondingManager.reserveDivisor(claimant);
        if (divisor == 0) return 0;
        uint256 round = _currentRound();
        uint256 share = (reserve + _amountIn(_claimed[holder], round)) / divisor;
        uint256 own = _amountIn(_claimedBy[holder][claimant], round);
        if (share <= own) return 0;
        return share - own < reserve ? share - own : reserve;
    }

    function _fund(address addr, uint256 depositAmount, uint256 reserveAmount) private {
        Account memory account = _load(addr);
        account.deposit += depositAmount;
        account.reserve += reserveAmount;
        require(
            account.deposit <= AMOUNT_MASK && account.reserve <= AMOUNT_MASK, "amount is too large"
        );
        if (account.withdrawRound != 0 && msg.sender == addr) {
            account.withdrawRound = 0;
            emit UnlockCancelled(addr);
        }
        _store(addr, account);
    }

    function _load(address addr) internal view returns (Account memory) {
        uint256 word = _accounts[addr];
        return Account(word & AMOUNT_MASK, (word >> 96) & AMOUNT_MASK, word >> 192);
    }

    /// @dev Invariant: every field fits, since {_fund} checks and nothing else adds.
    function _store(address addr, Account memory account) internal {
        _accounts[addr] =
            account.deposit | (account.reserve << 96) | (account.withdrawRound << 192);
    }

    function _requireFunds(Account memory account) private pure {
        require(account.deposit > 0 || account.reserve > 0, NO_FUNDS);
    }

    function _amountIn(Claimed memory claimed, uint256 round) private pure returns (uint256) {
        return claimed.round == round ? claimed.amount : 0;
    }
}
