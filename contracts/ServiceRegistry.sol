// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBondingManager} from "./interfaces/IBondingManager.sol";
import {IRoundsManager} from "./interfaces/IRoundsManager.sol";

/// @title What orchestrators offer, and where
/// @notice Anyone may publish anything: readers ask the BondingManager whose word has stake behind it.
/// There are no prices here; they are negotiated.
contract ServiceRegistry {
    /// @notice A service.
    struct Service {
        /// Its name, such as "CPUTranscoding" or "H264 1080p -> 720p".
        string id;
        /// The contract that can verify its results; null when they cannot be challenged.
        address verifier;
    }

    /// @notice What an address published, and its shares.
    struct Record {
        /// How to connect to it.
        string serviceURI;
        Service[] services;
        /// Regions it serves.
        string[] regions;
        /// Part of the inflation that it keeps in this round, per million.
        uint256 rewardCut;
        /// Part of the fees that it passes on in this round, per million.
        uint256 feeShare;
    }

    struct Entry {
        string serviceURI;
        Service[] services;
        string[] regions;
    }

    /// @notice Most bytes of a URI.
    uint256 public constant MAX_URI_BYTES = 256;

    /// @notice Most bytes of a service's name or of a region.
    uint256 public constant MAX_NAME_BYTES = 64;

    /// @notice Most services, and most regions, of one address.
    uint256 public constant MAX_NAMES = 16;

    /// @notice Knows the shares.
    IBondingManager public immutable bondingManager;

    /// @notice Knows the round.
    IRoundsManager public immutable roundsManager;

    mapping(address account => Entry entry) private _entries;

    /// @notice An address published a new URI.
    event ServiceURIUpdate(address indexed addr, string serviceURI);

    /// @notice An address published which services it offers in which regions.
    event ServicesUpdate(address indexed addr, Service[] services, string[] regions);

    /// @param bondingManager_ Knows the shares.
    /// @param roundsManager_ Knows the round.
    constructor(IBondingManager bondingManager_, IRoundsManager roundsManager_) {
        bondingManager = bondingManager_;
        roundsManager = roundsManager_;
    }

    /// @notice Publishes the caller's URI and leaves the rest as it is.
    /// @param serviceURI How to connect; readers must not trust it.
    function setServiceURI(string calldata serviceURI) external {
        _setURI(serviceURI);
    }

    /// @notice Publishes all of the caller's record, in place of what it published before.
    /// @param serviceURI How to connect.
    /// @param services What it offers.
    /// @param regions Where.
    function register(
        string calldata serviceURI,
        Service[] calldata services,
        string[] calldata regions
    ) external {
        require(services.length <= MAX_NAMES, "too many services");
        require(regions.length <= MAX_NAMES, "too many regions");
        _setURI(serviceURI);
        Entry storage entry = _entries[msg.sender];
        delete entry.services;
        delete entry.regions;
        for (uint256 i = 0; i < services.length; ++i) {
            _requireName(services[i].id);
            entry.services.push(services[i]);
        }
        for (uint256 i = 0; i < regions.length; ++i) {
            _requireName(regions[i]);
            entry.regions.push(regions[i]);
        }
        emit ServicesUpdate(msg.sender, services, regions);
    }

    /// @notice The URI that an address published; empty when it never did.
    /// @param addr The address.
    function getServiceURI(address addr) external view returns (string memory) {
        return _entries[addr].serviceURI;
    }

    /// @notice All that an address published, and its shares.
    /// @param addr The address.
    function getRecord(address addr) public view returns (Record memory record) {
        Entry storage entry = _entries[addr];
        record.serviceURI = entry.serviceURI;
        record.services = entry.services;
        record.regions = entry.regions;
        (record.rewardCut, record.feeShare) =
            bondingManager.sharesAt(addr, roundsManager.currentRound());
    }

    /// @notice The records of many addresses, in their order.
    /// @param addrs The addresses.
    function getRecords(address[] calldata addrs) external view returns (Record[] memory records) {
        records = new Record[](addrs.length);
        for (uint256 i = 0; i < addrs.length; ++i) {
            records[i] = getRecord(addrs[i]);
        }
    }

    function _setURI(string calldata serviceURI) private {
        require(bytes(serviceURI).length <= MAX_URI_BYTES, "serviceURI is too long");
        _entries[msg.sender].serviceURI = serviceURI;
        emit ServiceURIUpdate(msg.sender, serviceURI);
    }

    function _requireName(string calldata name) private pure {
        uint256 length = bytes(name).length;
        require(length > 0 && length <= MAX_NAME_BYTES, "a name has 1 to 64 bytes");
    }
}
