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
  '0x60a034606d57601f610a4138819003918201601f19168301916001600160401b03831184841017607157808492602094604052833981010312606d57516001600160a01b0381168103606d576080526040516109bb9081610086823960805181818161012f015261065b0152f35b5f80fd5b634e487b7160e01b5f52604160045260245ffdfe6080806040526004361015610012575f80fd5b5f3560e01c9081631b0431b21461051c5750806334e8d741146104d1578063572f22101461041a57806360e6cfd8146103c4578063a49a1e7d14610326578063c3c5a547146102bc578063cf2d31fb14610153578063d2f7265a146100e55763ed2a2d641461007f575f80fd5b346100e15760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100e15773ffffffffffffffffffffffffffffffffffffffff6100cb61058b565b165f525f602052602060405f2054604051908152f35b5f80fd5b346100e1575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100e157602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346100e15760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100e15760243567ffffffffffffffff81116100e1576101a29036906004016105ae565b335f525f60205260ff600160405f2001541661025e57335f525f602052600160405f200160017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00825416179055337f54db7a5cb4735e1aac1f53db512d3390390bb6637bd30ad4bf9fc98667d9b9b95f80a261021f600435610875565b8061022657005b6102597fd6c2dec04e066cf016fee75889cec067f59fc4f82aa9347447e4afaca3a0748f91604051918291339583610830565b0390a2005b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601460248201527f77616c6c657420697320726567697374657265640000000000000000000000006044820152fd5b346100e15760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100e15773ffffffffffffffffffffffffffffffffffffffff61030861058b565b165f525f602052602060ff600160405f200154166040519015158152f35b346100e15760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100e15760043567ffffffffffffffff81116100e1577fd6c2dec04e066cf016fee75889cec067f59fc4f82aa9347447e4afaca3a0748f6103996102599236906004016105ae565b929092335f525f6020526103b660ff600160405f200154166107cb565b604051918291339583610830565b346100e15760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100e157335f525f60205261040d60ff600160405f200154166107cb565b610418600435610875565b005b346100e15760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100e157600435335f52600160205260405f20815f5260205261046e60ff60405f2054166105dc565b335f52600160205260405f20815f5260205260405f207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff008154169055337fa97703d8de1d538ac2ccf4453e57ec2aa4ab8b29c9a57f2a6e70a9d0e268f8025f80a3005b346100e15760807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100e15761041861050b61058b565b606435906044359060243590610641565b346100e15760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126100e15760209073ffffffffffffffffffffffffffffffffffffffff61056b61058b565b165f526001825260405f206024355f52825260ff60405f20541615158152f35b6004359073ffffffffffffffffffffffffffffffffffffffff821682036100e157565b9181601f840112156100e15782359167ffffffffffffffff83116100e157602083818601950101116100e157565b156105e357565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601760248201527f6b6579206973206e6f74207468652077616c6c657427730000000000000000006044820152fd5b91909173ffffffffffffffffffffffffffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016330361076d5773ffffffffffffffffffffffffffffffffffffffff1692835f525f60205260405f209160ff600184015416156107665782540361070857806020927f4b9db63a99a19ec7955e1b9585f109ba9efe181d5e9d8ca1965db9dd257e221e94865f526001855260405f20905f5284526106fe60ff60405f2054166105dc565b55604051908152a2565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601960248201527f6e6f6e6365206973206e6f74207468652077616c6c65742773000000000000006044820152fd5b5050505050565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601b60248201527f63616c6c6572206d757374206265207468652065786368616e676500000000006044820152fd5b156107d257565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601860248201527f77616c6c6574206973206e6f74207265676973746572656400000000000000006044820152fd5b90601f836040947fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe09360208652816020870152868601375f8582860101520116010190565b801561095d57335f52600160205260405f20815f5260205260ff60405f2054166108ff57335f52600160205260405f20815f5260205260405f2060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00825416179055337f324f5ba0d1c7a84e0b2e708de6120a0846e8a2f881d42ac5347434a646bcc13d5f80a3565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601360248201527f6b6579206973207468652077616c6c65742773000000000000000000000000006044820152fd5b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600b60248201527f6b6579206973206e756c6c0000000000000000000000000000000000000000006044820152fd'
