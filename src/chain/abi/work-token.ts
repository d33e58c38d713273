// Generated from contracts/ by scripts/build-contracts.ts. Do not edit.
import type { Hex } from '../../lib/bytes.ts'

/** Interface of WorkToken.sol. */
export const workTokenAbi = [
  {
    inputs: [
      {
        name: 'initialSupply',
        type: 'uint256',
      },
    ],
    stateMutability: 'nonpayable',
    type: 'constructor',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'owner',
        type: 'address',
      },
      {
        indexed: true,
        name: 'spender',
        type: 'address',
      },
      {
        indexed: false,
        name: 'value',
        type: 'uint256',
      },
    ],
    name: 'Approval',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'previousOwner',
        type: 'address',
      },
      {
        indexed: true,
        name: 'newOwner',
        type: 'address',
      },
    ],
    name: 'OwnershipTransferred',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'from',
        type: 'address',
      },
      {
        indexed: true,
        name: 'to',
        type: 'address',
      },
      {
        indexed: false,
        name: 'value',
        type: 'uint256',
      },
    ],
    name: 'Transfer',
    type: 'event',
  },
  {
    inputs: [
      {
        name: 'owner',
        type: 'address',
      },
      {
        name: 'spender',
        type: 'address',
      },
    ],
    name: 'allowance',
    outputs: [
      {
        name: 'amount',
        type: 'uint256',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'spender',
        type: 'address',
      },
      {
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'approve',
    outputs: [
      {
        name: '',
        type: 'bool',
      },
    ],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'account',
        type: 'address',
      },
    ],
    name: 'balanceOf',
    outputs: [
      {
        name: 'amount',
        type: 'uint256',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [],
    name: 'decimals',
    outputs: [
      {
        name: '',
        type: 'uint8',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'to',
        type: 'address',
      },
      {
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'mint',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [],
    name: 'name',
    outputs: [
      {
        name: '',
        type: 'string',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [],
    name: 'owner',
    outputs: [
      {
        name: '',
        type: 'address',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [],
    name: 'symbol',
    outputs: [
      {
        name: '',
        type: 'string',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [],
    name: 'totalSupply',
    outputs: [
      {
        name: '',
        type: 'uint256',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'to',
        type: 'address',
      },
      {
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'transfer',
    outputs: [
      {
        name: '',
        type: 'bool',
      },
    ],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'from',
        type: 'address',
      },
      {
        name: 'to',
        type: 'address',
      },
      {
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'transferFrom',
    outputs: [
      {
        name: '',
        type: 'bool',
      },
    ],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'newOwner',
        type: 'address',
      },
    ],
    name: 'transferOwnership',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
] as const

/** Creation code of WorkToken.sol. */
export const workTokenBytecode: Hex =
  '0x60803461012757601f610c2c38819003918201601f19168301916001600160401b0383118484101761012b5780849260209460405283398101031261012757515f80546001600160a01b031916339081178255604051917f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e08180a333156100e5575061008d8160015461013f565b600155335f52600260205260405f206100a782825461013f565b90556040519081525f7fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef60203393a3604051610acb90816101618239f35b62461bcd60e51b815260206004820152601860248201527f6d696e7420746f20746865206e756c6c206164647265737300000000000000006044820152606490fd5b5f80fd5b634e487b7160e01b5f52604160045260245ffd5b9190820180921161014c57565b634e487b7160e01b5f52601160045260245ffdfe60806040526004361015610011575f80fd5b5f3560e01c806306fdde03146107ae578063095ea7b31461070b57806318160ddd146106d057806323b872dd14610549578063313ce5671461051057806340c10f19146103f757806370a08231146103945780638da5cb5b1461034457806395d89b411461028d578063a9059cbb1461023e578063dd62ed3e146101b25763f2fde38b1461009d575f80fd5b346101ae5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ae576100d4610878565b5f549073ffffffffffffffffffffffffffffffffffffffff808316916100fb8333146108f8565b1691821561015057827fffffffffffffffffffffffff0000000000000000000000000000000000000000927f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e05f80a316175f55005b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601560248201527f6f776e6572206973206e756c6c206164647265737300000000000000000000006044820152fd5b5f80fd5b346101ae5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ae576101e9610878565b73ffffffffffffffffffffffffffffffffffffffff61020661089b565b91165f52600360205273ffffffffffffffffffffffffffffffffffffffff60405f2091165f52602052602060405f2054604051908152f35b346101ae5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ae57610282610278610878565b602435903361096a565b602060405160018152f35b346101ae575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ae57604051604081019080821067ffffffffffffffff8311176103175761031391604052600481527f4d494c4c00000000000000000000000000000000000000000000000000000000602082015260405191829182610830565b0390f35b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b346101ae575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ae57602073ffffffffffffffffffffffffffffffffffffffff5f5416604051908152f35b346101ae5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ae5773ffffffffffffffffffffffffffffffffffffffff6103e0610878565b165f526002602052602060405f2054604051908152f35b346101ae5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ae5761042e610878565b73ffffffffffffffffffffffffffffffffffffffff60243591610455825f541633146108f8565b169081156104b2577fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef60208261048e5f9460015461095d565b60015584845260028252604084206104a782825461095d565b9055604051908152a3005b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601860248201527f6d696e7420746f20746865206e756c6c206164647265737300000000000000006044820152fd5b346101ae575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ae57602060405160128152f35b346101ae5760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ae57610580610878565b61058861089b565b6044359073ffffffffffffffffffffffffffffffffffffffff831692835f52600360205260405f2073ffffffffffffffffffffffffffffffffffffffff33165f5260205260405f2054937fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8503610605575b50610282935061096a565b83851061064c5761061984610282966108be565b905f52600360205260405f2073ffffffffffffffffffffffffffffffffffffffff33165f5260205260405f2055846105fa565b60846040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152602160248201527f7472616e7366657220616d6f756e74206578636565647320616c6c6f77616e6360448201527f65000000000000000000000000000000000000000000000000000000000000006064820152fd5b346101ae575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ae576020600154604051908152f35b346101ae5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ae57610742610878565b73ffffffffffffffffffffffffffffffffffffffff60243591335f52600360205260405f208282165f526020528260405f205560405192835216907f8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b92560203392a3602060405160018152f35b346101ae575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ae57604051604081019080821067ffffffffffffffff8311176103175761031391604052601381527f4d696c6c7261636520576f726b20546f6b656e000000000000000000000000006020820152604051918291825b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602060409481855280519182918282880152018686015e5f8582860101520116010190565b6004359073ffffffffffffffffffffffffffffffffffffffff821682036101ae57565b6024359073ffffffffffffffffffffffffffffffffffffffff821682036101ae57565b919082039182116108cb57565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b156108ff57565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601460248201527f63616c6c6572206d757374206265206f776e65720000000000000000000000006044820152fd5b919082018092116108cb57565b919073ffffffffffffffffffffffffffffffffffffffff16918215610a6d5773ffffffffffffffffffffffffffffffffffffffff1690815f52600260205260405f2054818110610a0f57816109e27fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef936020936108be565b845f526002835260405f2055845f526002825260405f20610a0482825461095d565b9055604051908152a3565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601f60248201527f7472616e7366657220616d6f756e7420657863656564732062616c616e6365006044820152fd5b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601c60248201527f7472616e7366657220746f20746865206e756c6c2061646472657373000000006044820152fd'
