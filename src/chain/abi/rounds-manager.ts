// Generated from contracts/ by scripts/build-contracts.ts. Do not edit.
import type { Hex } from '../../lib/bytes.ts'

/** Interface of RoundsManager.sol. */
export const roundsManagerAbi = [
  {
    inputs: [
      {
        name: 'roundLength_',
        type: 'uint256',
      },
      {
        name: 'firstRound_',
        type: 'uint256',
      },
      {
        name: 'ticketBroker_',
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
        name: 'round',
        type: 'uint256',
      },
      {
        indexed: false,
        name: 'blockHash',
        type: 'bytes32',
      },
    ],
    name: 'NewRound',
    type: 'event',
  },
  {
    inputs: [
      {
        name: 'round',
        type: 'uint256',
      },
    ],
    name: 'blockHashForRound',
    outputs: [
      {
        name: 'blockHash',
        type: 'bytes32',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [],
    name: 'currentRound',
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
    inputs: [],
    name: 'currentRoundInitialized',
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
    inputs: [],
    name: 'currentRoundStartBlock',
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
    inputs: [],
    name: 'currentRoundStartTime',
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
    inputs: [],
    name: 'firstRound',
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
    inputs: [],
    name: 'initializeRound',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [],
    name: 'lastInitializedRound',
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
    inputs: [],
    name: 'roundLength',
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
    inputs: [],
    name: 'startTime',
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
    inputs: [],
    name: 'ticketBroker',
    outputs: [
      {
        name: '',
        type: 'address',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
] as const

/** Creation code of RoundsManager.sol. */
export const roundsManagerBytecode: Hex =
  '0x6101003461017b57601f61087938819003918201601f19168301916001600160401b0383118484101761017f5780849260609460405283398101031261017b5780516020820151604090920151916001600160a01b038316830361017b57801561012b5781156100da576080524260a05260c05260e0526040516106e590816101948239608051818181610501015281816105b90152610691015260a05181818161045b01528181610560015261063e015260c051818181610389015281816105280152610665015260e05181818161012801526102f50152f35b60405162461bcd60e51b815260206004820152602360248201527f726f756e64206c656e677468206d75737420626520677265617465722074686160448201526206e20360ec1b6064820152608490fd5b60405162461bcd60e51b815260206004820152602260248201527f666972737420726f756e64206d7573742062652067726561746572207468616e604482015261020360f41b6064820152608490fd5b5f80fd5b634e487b7160e01b5f52604160045260245ffdfe60806040526004361015610011575f80fd5b5f5f3560e01c8063219bc76c146105dc578063333e530e14610584578063380dd901146104c65780633aa4add41461047e57806378e97925146104265780638807f36e146103ec5780638a19c8bc146103ac5780638b649b94146103545780638fa148f214610319578063c86b23c9146102ab5763d4807fb214610093575f80fd5b3461021c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261021c576100c9610639565b805f541461024d577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff43014381116102205740815f5543600155815f5260026020528060405f205573ffffffffffffffffffffffffffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016803b1561021c575f80916044604051809481937fcdf74ebe0000000000000000000000000000000000000000000000000000000083528860048401528760248401525af18015610211576101c6575b5060207f22f2fc17c5daf07db2379b3a03a8ef20a183f761097a58fce219c8a14619e78691604051908152a280f35b90925067ffffffffffffffff81116101e4576040525f916020610197565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b6040513d5f823e3d90fd5b5f80fd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601960248201527f726f756e6420616c726561647920696e697469616c697a6564000000000000006044820152fd5b3461021c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261021c57602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b3461021c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261021c576020600154604051908152f35b3461021c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261021c5760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b3461021c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261021c5760206103e4610639565b604051908152f35b3461021c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261021c5760205f54604051908152f35b3461021c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261021c5760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b3461021c5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261021c576004355f526002602052602060405f2054604051908152f35b3461021c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261021c576105266104ff610639565b7f00000000000000000000000000000000000000000000000000000000000000009061061f565b7f000000000000000000000000000000000000000000000000000000000000000090818102918183041490151715610220576103e46020917f000000000000000000000000000000000000000000000000000000000000000061062c565b3461021c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261021c5760206040517f00000000000000000000000000000000000000000000000000000000000000008152f35b3461021c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261021c5760205f54610616610639565b14604051908152f35b9190820391821161022057565b9190820180921161022057565b6106637f00000000000000000000000000000000000000000000000000000000000000004261061f565b7f000000000000000000000000000000000000000000000000000000000000000080156106b8576106b591047f000000000000000000000000000000000000000000000000000000000000000061062c565b90565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601260045260245ffd'
