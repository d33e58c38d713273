// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Who offers which video
/// @notice A video is the digest of its directory, which names the table of contents of each format.
/// Whoever registers a digest first keeps it; all but the title stays as it was registered, so that
/// nobody changes a price behind a bid.
contract VideoRegistry {
    /// @notice What is registered of a video.
    struct Video {
        /// Ed25519 key of the owner, to which bids go.
        bytes32 owner;
        /// Who is paid.
        address payee;
        /// Seconds in all.
        uint32 duration;
        /// Seconds of a segment; the last may be shorter.
        uint32 segmentLength;
        /// Bytes of the largest segment.
        uint32 segmentSize;
        string title;
        string[] formats;
    }

    uint256 private constant MAX_TITLE = 256;
    uint256 private constant MAX_FORMATS = 16;
    uint256 private constant MAX_FORMAT = 64;

    mapping(bytes32 directory => Video video) private _videos;
    mapping(bytes32 directory => address registrant) private _registrants;

    /// @notice A video was registered.
    event VideoRegistered(
        bytes32 indexed directory, bytes32 indexed owner, address indexed registrant, string title
    );

    /// @notice A video has another title.
    event TitleChanged(bytes32 indexed directory, string title);

    /// @notice Registers a video that nobody has registered.
    /// @param directory sha256 of the directory.
    /// @param video What is registered.
    function register(bytes32 directory, Video calldata video) external {
        require(_registrants[directory] == address(0), "video is registered");
        require(directory != bytes32(0), "directory is null");
        require(video.owner != bytes32(0), "owner is null");
        require(video.payee != address(0), "payee is null");
        require(video.duration > 0, "duration is 0");
        require(video.segmentLength > 0, "segment length is 0");
        require(bytes(video.title).length <= MAX_TITLE, "title is too long");
        uint256 count = video.formats.length;
        require(count > 0 && count <= MAX_FORMATS, "number of formats");
        for (uint256 i = 0; i < count; ++i) {
            uint256 length = bytes(video.formats[i]).length;
            require(length > 0 && length <= MAX_FORMAT, "name of a format");
        }
        _registrants[directory] = msg.sender;
        _videos[directory] = video;
        emit VideoRegistered(directory, video.owner, msg.sender, video.title);
    }

    /// @notice Changes the title of a video the caller registered.
    /// @param directory sha256 of the directory.
    /// @param title The new title.
    function setTitle(bytes32 directory, string calldata title) external {
        require(_registrants[directory] == msg.sender, "caller must be the registrant");
        require(bytes(title).length <= MAX_TITLE, "title is too long");
        _videos[directory].title = title;
        emit TitleChanged(directory, title);
    }

    /// @notice What is registered of a video; all null when nothing is.
    /// @param directory sha256 of the directory.
    function videoOf(bytes32 directory) external view returns (Video memory) {
        return _videos[directory];
    }

    /// @notice Who registered a video.
    /// @param directory sha256 of the directory.
    function registrantOf(bytes32 directory) external view returns (address) {
        return _registrants[directory];
    }
}
