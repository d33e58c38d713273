// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A bounded list of accounts, most stake first
/// @dev A walk is bounded by the size of the pool. Equal stakes keep the order of arrival.
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
        mapping(address account => Node node) nodes;
    }

    /// @dev Whether the account is listed; stakes of listed accounts are never 0.
    function contains(Pool storage pool, address account) internal view returns (bool) {
        return pool.nodes[account].stake != 0;
    }

    /// @dev Lists an account that is not listed yet.
    function insert(Pool storage pool, address account, uint96 stake) internal {
        address next = address(0);
        address prev = pool.tail;
        while (prev != address(0)) {
            Node storage node = pool.nodes[prev];
            if (node.stake >= stake) break;
            next = prev;
            prev = node.prev;
        }
        pool.nodes[account] = Node({prev: prev, stake: stake, next: next});
        if (prev == address(0)) pool.head = account;
        else pool.nodes[prev].next = account;
        if (next == address(0)) pool.tail = account;
        else pool.nodes[next].prev = account;
        pool.size += 1;
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
    }
}
