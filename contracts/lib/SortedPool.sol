// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A list of accounts with their stakes
/// @dev Kept in order, most stake first, when it is only changed by {insert} and {move}; a walk is
/// bounded by the size. Equal stakes keep the order of arrival.
library SortedPool {
    struct Node {
        address prev;
        uint96 stake;
        address next;
    }

    struct Pool {
        address head;
        uint64 size;
        address tail;
        /// Sum of all stakes.
        uint96 total;
        mapping(address account => Node node) nodes;
    }

    /// @dev Whether the account is listed; stakes of listed accounts are never 0.
    function contains(Pool storage pool, address account) internal view returns (bool) {
        return pool.nodes[account].stake != 0;
    }

    /// @dev Lists an account that is not listed yet, behind all with as much stake.
    function insert(Pool storage pool, address account, uint96 stake) internal {
        _insertFrom(pool, account, stake, pool.tail);
    }

    /// @dev Lists an account that is not listed yet, at the end, whatever its stake.
    function append(Pool storage pool, address account, uint96 stake) internal {
        _link(pool, account, stake, pool.tail, address(0));
    }

    /// @dev Changes the stake of a listed account and its place with it. It walks from the place that
    /// the account had.
    function move(Pool storage pool, address account, uint96 stake) internal {
        Node memory node = pool.nodes[account];
        bool inPlace = (node.prev == address(0) || pool.nodes[node.prev].stake >= stake)
            && (node.next == address(0) || pool.nodes[node.next].stake < stake);
        if (inPlace) return setStake(pool, account, stake);
        remove(pool, account);
        address after_ = node.prev;
        address next = node.next;
        if (stake < node.stake) {
            while (next != address(0) && pool.nodes[next].stake >= stake) {
                after_ = next;
                next = pool.nodes[next].next;
            }
        }
        _insertFrom(pool, account, stake, after_);
    }

    /// @dev Changes the stake of a listed account and leaves it where it is.
    function setStake(Pool storage pool, address account, uint96 stake) internal {
        pool.total = pool.total - pool.nodes[account].stake + stake;
        pool.nodes[account].stake = stake;
    }

    /// @dev Takes a listed account out.
    function remove(Pool storage pool, address account) internal {
        Node memory node = pool.nodes[account];
        if (node.prev == address(0)) pool.head = node.next;
        else pool.nodes[node.prev].next = node.next;
        if (node.next == address(0)) pool.tail = node.prev;
        else pool.nodes[node.next].prev = node.prev;
        delete pool.nodes[account];
        pool.size -= 1;
        pool.total -= node.stake;
    }

    /// @dev Lists an account behind the first, from `prev` towards the head, that has as much stake.
    function _insertFrom(Pool storage pool, address account, uint96 stake, address prev) private {
        address next = prev == address(0) ? pool.head : pool.nodes[prev].next;
        while (prev != address(0)) {
            Node storage node = pool.nodes[prev];
            if (node.stake >= stake) break;
            next = prev;
            prev = node.prev;
        }
        _link(pool, account, stake, prev, next);
    }

    function _link(Pool storage pool, address account, uint96 stake, address prev, address next)
        private
    {
        pool.nodes[account] = Node({prev: prev, stake: stake, next: next});
        if (prev == address(0)) pool.head = account;
        else pool.nodes[prev].next = account;
        if (next == address(0)) pool.tail = account;
        else pool.nodes[next].prev = account;
        pool.size += 1;
        pool.total += stake;
    }
}
