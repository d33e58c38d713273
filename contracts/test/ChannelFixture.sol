// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {vm} from "./Vm.sol";

/// @title PaymentChannels as its users see it
interface Channels {
    struct Terms {
        address payer;
        address payee;
        address asset;
        bytes20 spendHash;
        uint16 expireTime;
    }

    struct Channel {
        uint112 balance;
        uint112 committed;
        uint32 openedAt;
        bytes20 revokeHash;
        uint32 publishedAt;
        uint16 delay;
    }

    function makeDeposit(Terms calldata terms, uint256 amount) external payable;
    function topUp(Terms calldata terms, uint256 amount) external payable;
    function publishCommit(
        Terms calldata terms,
        uint112 quantity,
        bytes20 revokeHash,
        uint16 delay,
        bytes calldata payerSig
    ) external;
    function publishCommitFor(
        Terms calldata terms,
        uint112 quantity,
        bytes20 revokeHash,
        uint16 delay,
        bytes calldata payerSig,
        bytes calldata payeeSig
    ) external;
    function payout(Terms calldata terms, bytes32 spendSecret) external;
    function revoke(Terms calldata terms, bytes32 revokeSecret) external;
    function recoverChange(Terms calldata terms, bytes32 spendSecret) external;
    function recoverExpired(Terms calldata terms) external;
    function close(
        Terms calldata terms,
        uint112 quantity,
        bytes calldata payerSig,
        bytes calldata payeeSig
    ) external;
    function channelOf(bytes32 id) external view returns (Channel memory);
    function channelId(Terms calldata terms) external view returns (bytes32);
    function commitDigest(bytes32 id, uint112 quantity, bytes20 revokeHash, uint16 delay)
        external
        view
        returns (bytes32);
}

/// @title The work token as far as channels need it
interface Coin {
    function approve(address spender, uint256 amount) external returns (bool);
    function transfer(address to, uint256 amount) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
}

/// @title A token that keeps a tenth of every transfer, and returns nothing
contract FeeToken {
    mapping(address account => uint256 amount) public balanceOf;

    constructor() {
        balanceOf[msg.sender] = 1_000_000 ether;
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount - amount / 10;
    }
}

/// @title A party that is a contract: it may refuse ether, or call back while it gets some
contract CallingParty {
    bool public refuses;
    bool public calledBack;
    address private _target;
    bytes private _data;

    receive() external payable {
        require(!refuses, "refused");
        if (_target == address(0)) return;
        (calledBack,) = _target.call(_data);
    }

    function refuse(bool does) external {
        refuses = does;
    }

    function callBack(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    function run(address target, uint256 value, bytes calldata data) external {
        (bool done, bytes memory answer) = target.call{value: value}(data);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }
}

/// @title The contract, deployed as the node deploys it, and ways to act on it
abstract contract ChannelFixture {
    Channels internal channels;
    Coin internal coin;

    constructor() {
        channels = Channels(_create("PaymentChannels", ""));
        coin = Coin(_create("WorkToken", abi.encode(1_000_000_000 ether, address(this))));
        vm.roll(1000);
    }

    function _create(string memory name, bytes memory arguments) private returns (address made) {
        bytes memory code =
            bytes.concat(vm.getCode(string.concat(".cache/forge/code/", name, ".json")), arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
        }
        require(made != address(0), string.concat("deploying ", name));
    }

    function _hash160(bytes32 secret) internal pure returns (bytes20) {
        return ripemd160(abi.encodePacked(sha256(abi.encodePacked(secret))));
    }

    function _signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _commit(
        uint256 key,
        Channels.Terms memory terms,
        uint112 quantity,
        bytes20 revokeHash,
        uint16 delay
    ) internal view returns (bytes memory) {
        bytes32 id = channels.channelId(terms);
        return _signature(key, channels.commitDigest(id, quantity, revokeHash, delay));
    }

    function _typed(bytes32 fields) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("PaymentChannels"),
                keccak256("1"),
                block.chainid,
                address(channels)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, fields));
    }

    function _closing(Channels.Terms memory terms, uint112 quantity)
        internal
        view
        returns (bytes32)
    {
        bytes32 kind = keccak256("Close(bytes32 channel,uint112 quantity)");
        return _typed(keccak256(abi.encode(kind, channels.channelId(terms), quantity)));
    }

    function _deposit(Channels.Terms memory terms, uint256 amount) internal {
        if (terms.asset == address(0)) {
            vm.deal(terms.payer, terms.payer.balance + amount);
            vm.prank(terms.payer);
            channels.makeDeposit{value: amount}(terms, amount);
            return;
        }
        require(coin.transfer(terms.payer, amount), "coins");
        vm.prank(terms.payer);
        coin.approve(address(channels), amount);
        vm.prank(terms.payer);
        channels.makeDeposit(terms, amount);
    }

    function _held(address asset, address account) internal view returns (uint256) {
        return asset == address(0) ? account.balance : coin.balanceOf(account);
    }

    function _of(Channels.Terms memory terms) internal view returns (Channels.Channel memory) {
        return channels.channelOf(channels.channelId(terms));
    }

    function _expect(string memory reason) internal {
        vm.expectRevert(abi.encodeWithSignature("Error(string)", reason));
    }
}
