// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ExchangeFixture} from "./ExchangeFixture.sol";
import {Videos} from "./ExchangeInterfaces.sol";
import {vm} from "./Vm.sol";

/// @title The registry of videos
contract VideosTest is ExchangeFixture {
    bytes32 private constant DIRECTORY = keccak256("directory");
    address private constant FIRST = address(0xcafe);
    address private constant SECOND = address(0xbeef);

    function testFuzz_a9_aVideoComesBackAsItWasRegistered(uint32 duration, uint32 length, uint32 size)
        external
    {
        vm.assume(duration > 0 && length > 0);
        Videos.Video memory video = _video(duration, length, size);
        vm.prank(FIRST);
        videos.register(DIRECTORY, video);
        require(
            keccak256(abi.encode(videos.videoOf(DIRECTORY))) == keccak256(abi.encode(video)), "same"
        );
        require(videos.registrantOf(DIRECTORY) == FIRST, "registrant");
    }

    function test_a20_theSameHashIsRegisteredOnce() external {
        vm.prank(FIRST);
        videos.register(DIRECTORY, _video(10, 2, 100));
        Videos.Video memory copy = _video(10, 2, 100);
        copy.payee = SECOND;
        vm.prank(SECOND);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "video is registered"));
        videos.register(DIRECTORY, copy);
    }

    function test_onlyTheTitleChangesAndByItsRegistrant() external {
        vm.prank(FIRST);
        videos.register(DIRECTORY, _video(10, 2, 100));
        vm.prank(SECOND);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "caller must be the registrant"));
        videos.setTitle(DIRECTORY, "mine");
        vm.prank(FIRST);
        videos.setTitle(DIRECTORY, "new");
        Videos.Video memory video = _video(10, 2, 100);
        video.title = "new";
        require(
            keccak256(abi.encode(videos.videoOf(DIRECTORY))) == keccak256(abi.encode(video)), "rest"
        );
    }

    function test_whatMakesNoSenseIsRefused() external {
        Videos.Video memory video = _video(10, 2, 100);
        video.formats = new string[](17);
        _refused(video, "number of formats");
        video.formats = new string[](0);
        _refused(video, "number of formats");
        video.formats = new string[](1);
        _refused(video, "name of a format");
        video = _video(0, 2, 100);
        _refused(video, "duration is 0");
        video = _video(10, 0, 100);
        _refused(video, "segment length is 0");
        video = _video(10, 2, 100);
        video.payee = address(0);
        _refused(video, "payee is null");
        video = _video(10, 2, 100);
        video.owner = 0;
        _refused(video, "owner is null");
        video = _video(10, 2, 100);
        video.title = string(new bytes(257));
        _refused(video, "title is too long");
    }

    function _refused(Videos.Video memory video, string memory reason) private {
        vm.expectRevert(abi.encodeWithSignature("Error(string)", reason));
        videos.register(DIRECTORY, video);
    }

    function _video(uint32 duration, uint32 length, uint32 size)
        private
        pure
        returns (Videos.Video memory video)
    {
        string[] memory formats = new string[](2);
        (formats[0], formats[1]) = ("720p", "360p");
        video = Videos.Video({
            owner: keccak256("owner"),
            payee: FIRST,
            duration: duration,
            segmentLength: length,
            segmentSize: size,
            title: "a film",
            formats: formats
        });
    }
}
