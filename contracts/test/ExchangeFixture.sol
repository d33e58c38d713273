// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Exchange, Users, Videos} from "./ExchangeInterfaces.sol";
import {PlainToken} from "./PlainToken.sol";
import {vm} from "./Vm.sol";

/// @title The exchange and its registries, deployed as the node deploys them
abstract contract ExchangeFixture {
    address internal constant ETHER = address(0);

    Users internal users;
    Videos internal videos;
    Exchange internal exchange;
    PlainToken internal token;

    constructor() {
        uint256 nonce = vm.getNonce(address(this));
        address exchangeAt = vm.computeCreateAddress(address(this), nonce + 1);
        users = Users(_create("UserRegistry", abi.encode(exchangeAt)));
        exchange = Exchange(_create("MediaExchange", abi.encode(users)));
        require(address(exchange) == exchangeAt, "the contracts know one another");
        videos = Videos(_create("VideoRegistry", ""));
        token = new PlainToken(0);
    }

    function _create(string memory name, bytes memory arguments) private returns (address made) {
        bytes memory code =
            bytes.concat(vm.getCode(string.concat(".cache/forge/code/", name, ".json")), arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
        }
        require(made != address(0), string.concat("deploying ", name));
    }

    function walletKey(uint256 number) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("wallet", number)));
    }

    function communicationKey(uint256 number) internal pure returns (bytes32) {
        return keccak256(abi.encode("communication", number));
    }

    /// @dev Puts an amount into an account's balance with the exchange.
    function _fund(address account, address asset, uint256 amount) internal {
        if (asset == ETHER) {
            vm.deal(account, account.balance + amount);
            vm.prank(account);
            exchange.fund{value: amount}(asset, amount);
            return;
        }
        PlainToken(asset).mint(account, amount);
        vm.prank(account);
        PlainToken(asset).approve(address(exchange), amount);
        vm.prank(account);
        exchange.fund(asset, amount);
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _signBid(uint256 key, Exchange.Bid memory bid) internal view returns (bytes memory) {
        return _sign(key, exchange.bidDigest(bid));
    }

    function _signCheck(uint256 key, bytes32 channel, uint32 balance)
        internal
        view
        returns (bytes memory)
    {
        return _sign(key, exchange.checkDigest(channel, balance));
    }

    /// @dev Why a call was refused; empty when it was not.
    function _try(address from, bytes memory data) internal returns (string memory) {
        vm.prank(from);
        (bool done, bytes memory answer) = address(exchange).call(data);
        if (done) return "";
        require(answer.length > 4 && bytes4(answer) == bytes4(0x08c379a0), "a reason");
        assembly ("memory-safe") {
            let size := sub(mload(answer), 4)
            answer := add(answer, 4)
            mstore(answer, size)
        }
        return abi.decode(answer, (string));
    }

    function _open(address from, Exchange.Bid memory bid, bytes memory sig)
        internal
        returns (string memory)
    {
        return _try(from, abi.encodeCall(exchange.open, (bid, sig)));
    }

    function _cash(address from, Exchange.Bid memory bid, uint32 balance, bytes memory sig)
        internal
        returns (string memory)
    {
        return _try(from, abi.encodeCall(exchange.cash, (bid, balance, sig)));
    }

    function _same(string memory a, string memory b) internal pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}
