// Generated from contracts/ by scripts/build-contracts.ts. Do not edit.
import type { Hex } from '../../lib/bytes.ts'

/** Interface of UserRegistry.sol. */
export const userRegistryAbi = [
  {
    inputs: [
      {
        name: 'exchange_',
        type: 'address',
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
        name: 'wallet',
        type: 'address',
      },
      {
        indexed: true,
        name: 'key',
        type: 'bytes32',
      },
    ],
    name: 'KeyAdded',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'wallet',
        type: 'address',
      },
      {
        indexed: true,
        name: 'key',
        type: 'bytes32',
      },
    ],
    name: 'KeyRevoked',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'wallet',
        type: 'address',
      },
      {
        indexed: false,
        name: 'metadata',
        type: 'string',
      },
    ],
    name: 'MetadataChanged',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'wallet',
        type: 'address',
      },
      {
        indexed: false,
        name: 'nonce',
        type: 'bytes32',
      },
    ],
    name: 'NonceAdvanced',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'wallet',
        type: 'address',
      },
    ],
    name: 'UserRegistered',
    type: 'event',
  },
  {
    inputs: [
      {
        name: 'key',
        type: 'bytes32',
      },
    ],
    name: 'addKey',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'wallet',
        type: 'address',
      },
      {
        name: 'key',
        type: 'bytes32',
      },
      {
        name: 'nonce',
        type: 'bytes32',
      },
      {
        name: 'next',
        type: 'bytes32',
      },
    ],
    name: 'admit',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [],
    name: 'exchange',
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
    inputs: [
      {
        name: 'wallet',
        type: 'address',
      },
      {
        name: 'key',
        type: 'bytes32',
      },
    ],
    name: 'isKeyOf',
    outputs: [
      {
        name: '',
        type: 'bool',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'wallet',
        type: 'address',
      },
    ],
    name: 'isRegistered',
    outputs: [
      {
        name: '',
        type: 'bool',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'wallet',
        type: 'address',
      },
    ],
    name: 'nonceOf',
    outputs: [
      {
        name: '',
        type: 'bytes32',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'key',
        type: 'bytes32',
      },
      {
        name: 'metadata',
        type: 'string',
      },
    ],
    name: 'register',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'key',
        type: 'bytes32',
      },
    ],
    name: 'revokeKey',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'metadata',
        type: 'string',
      },
    ],
    name: 'setMetadata',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
] as const

/** Creation code of UserRegistry.sol. */
export const userRegistryBytecode: Hex =
  '0x60a034606c57601f61082238819003918201601f19168301916001600160401b03831184841017607057808492602094604052833981010312606c57516001600160a01b0381168103606c5760805260405161079d9081610085823960805181818160f301526104dd0152f35b5f80fd5b634e487b7160e01b5f52604160045260245ffdfe6080806040526004361015610012575f80fd5b5f3560e01c9081631b0431b2146103d65750806334e8d741146103a9578063572f22101461032e57806360e6cfd8146102f6578063a49a1e7d14610276578063c3c5a5471461022a578063cf2d31fb14610117578063d2f7265a146100c75763ed2a2d641461007f575f80fd5b346100c35760206003193601126100c35773ffffffffffffffffffffffffffffffffffffffff6100ad610427565b165f525f602052602060405f2054604051908152f35b5f80fd5b346100c3575f6003193601126100c357602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346100c35760406003193601126100c35760243567ffffffffffffffff81116100c35761014890369060040161044a565b335f525f60205260ff600160405f200154166101e657335f525f602052600160405f2001600160ff19825416179055337f54db7a5cb4735e1aac1f53db512d3390390bb6637bd30ad4bf9fc98667d9b9b95f80a26101a76004356106a9565b806101ae57005b6101e17fd6c2dec04e066cf016fee75889cec067f59fc4f82aa9347447e4afaca3a0748f91604051918291339583610664565b0390a2005b606460405162461bcd60e51b815260206004820152601460248201527f77616c6c657420697320726567697374657265640000000000000000000000006044820152fd5b346100c35760206003193601126100c35773ffffffffffffffffffffffffffffffffffffffff610258610427565b165f525f602052602060ff600160405f200154166040519015158152f35b346100c35760206003193601126100c35760043567ffffffffffffffff81116100c3577fd6c2dec04e066cf016fee75889cec067f59fc4f82aa9347447e4afaca3a0748f6102cb6101e192369060040161044a565b929092335f525f6020526102e860ff600160405f20015416610619565b604051918291339583610664565b346100c35760206003193601126100c357335f525f60205261032160ff600160405f20015416610619565b61032c6004356106a9565b005b346100c35760206003193601126100c357600435335f52600160205260405f20815f5260205261036460ff60405f205416610478565b335f52600160205260405f20815f5260205260405f2060ff198154169055337fa97703d8de1d538ac2ccf4453e57ec2aa4ab8b29c9a57f2a6e70a9d0e268f8025f80a3005b346100c35760806003193601126100c35761032c6103c5610427565b6064359060443590602435906104c3565b346100c35760406003193601126100c35760209073ffffffffffffffffffffffffffffffffffffffff610407610427565b165f526001825260405f206024355f52825260ff60405f20541615158152f35b6004359073ffffffffffffffffffffffffffffffffffffffff821682036100c357565b9181601f840112156100c35782359167ffffffffffffffff83116100c357602083818601950101116100c357565b1561047f57565b606460405162461bcd60e51b815260206004820152601760248201527f6b6579206973206e6f74207468652077616c6c657427730000000000000000006044820152fd5b91909173ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001633036105d55773ffffffffffffffffffffffffffffffffffffffff1692835f525f60205260405f209160ff600184015416156105ce5782540361058a57806020927f4b9db63a99a19ec7955e1b9585f109ba9efe181d5e9d8ca1965db9dd257e221e94865f526001855260405f20905f52845261058060ff60405f205416610478565b55604051908152a2565b606460405162461bcd60e51b815260206004820152601960248201527f6e6f6e6365206973206e6f74207468652077616c6c65742773000000000000006044820152fd5b5050505050565b606460405162461bcd60e51b815260206004820152601b60248201527f63616c6c6572206d757374206265207468652065786368616e676500000000006044820152fd5b1561062057565b606460405162461bcd60e51b815260206004820152601860248201527f77616c6c6574206973206e6f74207265676973746572656400000000000000006044820152fd5b90601f836040947fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe09360208652816020870152868601375f8582860101520116010190565b801561075957335f52600160205260405f20815f5260205260ff60405f20541661071557335f52600160205260405f20815f5260205260405f20600160ff19825416179055337f324f5ba0d1c7a84e0b2e708de6120a0846e8a2f881d42ac5347434a646bcc13d5f80a3565b606460405162461bcd60e51b815260206004820152601360248201527f6b6579206973207468652077616c6c65742773000000000000000000000000006044820152fd5b606460405162461bcd60e51b815260206004820152600b60248201527f6b6579206973206e756c6c0000000000000000000000000000000000000000006044820152fd'
