// Generated from contracts/ by scripts/build-contracts.ts. Do not edit.
import type { Hex } from '../../lib/bytes.ts'

/** Interface of TicketBroker.sol. */
export const ticketBrokerAbi = [
  {
    inputs: [
      {
        name: 'roundsManager_',
        type: 'address',
      },
      {
        name: 'bondingManager_',
        type: 'address',
      },
      {
        name: 'unlockPeriod_',
        type: 'uint256',
      },
      {
        name: 'ticketValidityPeriod_',
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
        name: 'sender',
        type: 'address',
      },
      {
        indexed: false,
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'DepositFunded',
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
        indexed: false,
        name: 'param',
        type: 'string',
      },
    ],
    name: 'ParameterUpdate',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'reserveHolder',
        type: 'address',
      },
      {
        indexed: false,
        name: 'claimant',
        type: 'address',
      },
      {
        indexed: false,
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'ReserveClaimed',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'reserveHolder',
        type: 'address',
      },
      {
        indexed: false,
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'ReserveFunded',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [],
    name: 'SystemPaused',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [],
    name: 'SystemUnpaused',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'sender',
        type: 'address',
      },
      {
        indexed: false,
        name: 'startRound',
        type: 'uint256',
      },
      {
        indexed: false,
        name: 'endRound',
        type: 'uint256',
      },
    ],
    name: 'Unlock',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'sender',
        type: 'address',
      },
    ],
    name: 'UnlockCancelled',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'sender',
        type: 'address',
      },
      {
        indexed: true,
        name: 'recipient',
        type: 'address',
      },
      {
        indexed: false,
        name: 'faceValue',
        type: 'uint256',
      },
      {
        indexed: false,
        name: 'winProb',
        type: 'uint256',
      },
      {
        indexed: false,
        name: 'senderNonce',
        type: 'uint256',
      },
      {
        indexed: false,
        name: 'recipientRand',
        type: 'uint256',
      },
      {
        indexed: false,
        name: 'auxData',
        type: 'bytes',
      },
    ],
    name: 'WinningTicketRedeemed',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'sender',
        type: 'address',
      },
      {
        indexed: true,
        name: 'recipient',
        type: 'address',
      },
      {
        indexed: false,
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'WinningTicketTransfer',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'account',
        type: 'address',
      },
      {
        indexed: false,
        name: 'recipient',
        type: 'address',
      },
      {
        indexed: false,
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'WithdrawFees',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'sender',
        type: 'address',
      },
      {
        indexed: false,
        name: 'deposit',
        type: 'uint256',
      },
      {
        indexed: false,
        name: 'reserve',
        type: 'uint256',
      },
    ],
    name: 'Withdrawal',
    type: 'event',
  },
  {
    inputs: [
      {
        components: [
          {
            name: 'recipient',
            type: 'address',
          },
          {
            name: 'sender',
            type: 'address',
          },
          {
            name: 'faceValue',
            type: 'uint256',
          },
          {
            name: 'winProb',
            type: 'uint256',
          },
          {
            name: 'senderNonce',
            type: 'uint256',
          },
          {
            name: 'recipientRandHash',
            type: 'bytes32',
          },
          {
            name: 'auxData',
            type: 'bytes',
          },
        ],
        name: 'tickets',
        type: 'tuple[]',
      },
      {
        name: 'sigs',
        type: 'bytes[]',
      },
      {
        name: 'recipientRands',
        type: 'uint256[]',
      },
    ],
    name: 'batchRedeemWinningTickets',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [],
    name: 'bondingManager',
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
    name: 'cancelUnlock',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'reserveHolder',
        type: 'address',
      },
      {
        name: 'claimant',
        type: 'address',
      },
    ],
    name: 'claimableReserve',
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
        name: 'reserveHolder',
        type: 'address',
      },
      {
        name: 'claimant',
        type: 'address',
      },
    ],
    name: 'claimedReserve',
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
        name: 'recipient',
        type: 'address',
      },
      {
        name: 'round',
        type: 'uint256',
      },
    ],
    name: 'feesOfRound',
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
    name: 'fundDeposit',
    outputs: [],
    stateMutability: 'payable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'depositAmount',
        type: 'uint256',
      },
      {
        name: 'reserveAmount',
        type: 'uint256',
      },
    ],
    name: 'fundDepositAndReserve',
    outputs: [],
    stateMutability: 'payable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'addr',
        type: 'address',
      },
      {
        name: 'depositAmount',
        type: 'uint256',
      },
      {
        name: 'reserveAmount',
        type: 'uint256',
      },
    ],
    name: 'fundDepositAndReserveFor',
    outputs: [],
    stateMutability: 'payable',
    type: 'function',
  },
  {
    inputs: [],
    name: 'fundReserve',
    outputs: [],
    stateMutability: 'payable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'reserveHolder',
        type: 'address',
      },
    ],
    name: 'getReserveInfo',
    outputs: [
      {
        components: [
          {
            name: 'fundsRemaining',
            type: 'uint256',
          },
          {
            name: 'claimedInCurrentRound',
            type: 'uint256',
          },
        ],
        name: '',
        type: 'tuple',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'addr',
        type: 'address',
      },
    ],
    name: 'getSenderInfo',
    outputs: [
      {
        components: [
          {
            name: 'deposit',
            type: 'uint256',
          },
          {
            name: 'withdrawRound',
            type: 'uint256',
          },
        ],
        name: 'sender',
        type: 'tuple',
      },
      {
        components: [
          {
            name: 'fundsRemaining',
            type: 'uint256',
          },
          {
            name: 'claimedInCurrentRound',
            type: 'uint256',
          },
        ],
        name: 'reserve',
        type: 'tuple',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      {
        components: [
          {
            name: 'recipient',
            type: 'address',
          },
          {
            name: 'sender',
            type: 'address',
          },
          {
            name: 'faceValue',
            type: 'uint256',
          },
          {
            name: 'winProb',
            type: 'uint256',
          },
          {
            name: 'senderNonce',
            type: 'uint256',
          },
          {
            name: 'recipientRandHash',
            type: 'bytes32',
          },
          {
            name: 'auxData',
            type: 'bytes',
          },
        ],
        name: 'ticket',
        type: 'tuple',
      },
    ],
    name: 'getTicketHash',
    outputs: [
      {
        name: '',
        type: 'bytes32',
      },
    ],
    stateMutability: 'pure',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'recipient',
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
        name: 'addr',
        type: 'address',
      },
    ],
    name: 'isUnlockInProgress',
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
    name: 'pause',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [],
    name: 'paused',
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
        name: 'recipient',
        type: 'address',
      },
    ],
    name: 'pendingFees',
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
        components: [
          {
            name: 'recipient',
            type: 'address',
          },
          {
            name: 'sender',
            type: 'address',
          },
          {
            name: 'faceValue',
            type: 'uint256',
          },
          {
            name: 'winProb',
            type: 'uint256',
          },
          {
            name: 'senderNonce',
            type: 'uint256',
          },
          {
            name: 'recipientRandHash',
            type: 'bytes32',
          },
          {
            name: 'auxData',
            type: 'bytes',
          },
        ],
        name: 'ticket',
        type: 'tuple',
      },
      {
        name: 'sig',
        type: 'bytes',
      },
      {
        name: 'recipientRand',
        type: 'uint256',
      },
    ],
    name: 'redeemWinningTicket',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'round',
        type: 'uint256',
      },
      {
        name: 'blockHash',
        type: 'bytes32',
      },
    ],
    name: 'roundInitialized',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [],
    name: 'roundsManager',
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
        name: 'recipient',
        type: 'address',
      },
      {
        name: 'registered',
        type: 'bool',
      },
    ],
    name: 'setRegistered',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'period',
        type: 'uint256',
      },
    ],
    name: 'setTicketValidityPeriod',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'period',
        type: 'uint256',
      },
    ],
    name: 'setUnlockPeriod',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [],
    name: 'ticketValidityPeriod',
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
        name: 'newOwner',
        type: 'address',
      },
    ],
    name: 'transferOwnership',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [],
    name: 'unlock',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [],
    name: 'unlockPeriod',
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
    name: 'unpause',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'ticketHash',
        type: 'bytes32',
      },
    ],
    name: 'usedTickets',
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
    name: 'withdraw',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'recipient',
        type: 'address',
      },
      {
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'withdrawFees',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
] as const

/** Creation code of TicketBroker.sol. */
export const ticketBrokerBytecode: Hex =
  '0x610120806040523461040f57608081613ee180380380916100208285610491565b83398101031261040f578051906001600160a01b03821680830361040f576020820151916001600160a01b038316830361040f5760606040820151910151906040519063199f298760e11b8252602082600481875afa91821561041b575f9261045d575b506040516378e9792560e01b815292602084600481885afa93841561041b575f94610426575b506020600495604051968780926322d926e560e21b82525afa94851561041b575f956103e3575b505f80546001600160a01b031916339081178255604051917f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e08180a363ffffffff83116103a15750600154905f516020613ec15f395f51905f52606060405160208152600c60208201526b1d5b9b1bd8dad4195c9a5bd960a21b6040820152a180156103485763ffffffff81116102f957600160401b600160c01b031990911660809290921b600160801b600160c01b031691909117604091821b6fffffffffffffffff00000000000000001617600155805160208082526014908201527f7469636b657456616c6964697479506572696f64000000000000000000000000918101919091525f516020613ec15f395f51905f5290606090a180156102a95782156102585760805260a05260c05260e052610100526040516139f890816104c98239608051816127aa015260a0518161275c015260c05181612783015260e0518181816101de01528181611a4d01526129760152610100518181816108b101526111380152f35b60405162461bcd60e51b815260206004820152602360248201527f726f756e64206c656e677468206d75737420626520677265617465722074686160448201526206e20360ec1b6064820152608490fd5b60405162461bcd60e51b815260206004820152602260248201527f666972737420726f756e64206d7573742062652067726561746572207468616e604482015261020360f41b6064820152608490fd5b60405162461bcd60e51b815260206004820152602160248201527f7469636b657456616c6964697479506572696f6420697320746f6f206c6172676044820152606560f81b6064820152608490fd5b60405162461bcd60e51b815260206004820152602b60248201527f7469636b657456616c6964697479506572696f64206d7573742062652067726560448201526a061746572207468616e20360ac1b6064820152608490fd5b62461bcd60e51b815260206004820152601960248201527f756e6c6f636b506572696f6420697320746f6f206c61726765000000000000006044820152606490fd5b9094506020813d602011610413575b816103ff60209383610491565b8101031261040f5751935f6100d1565b5f80fd5b3d91506103f2565b6040513d5f823e3d90fd5b9493506020853d602011610455575b8161044260209383610491565b8101031261040f579351929360206100aa565b3d9150610435565b9091506020813d602011610489575b8161047960209383610491565b8101031261040f5751905f610084565b3d915061046c565b601f909101601f19168101906001600160401b038211908210176104b457604052565b634e487b7160e01b5f52604160045260245ffdfe60806040526004361015610011575f80fd5b5f5f3560e01c80629c5c4b14611f61578063121cdcc214611f1257806320d3a0b414611eca57806325d2a3f314611df55780633ccfd60b14611c6e5780633d0ddf8414611b0f5780633f4ba83a14611a71578063426eae4514611a035780634ac826da14611967578063511f40731461189e57806359a515ba146118545780635b6333eb146118015780635c975abb146117be5780636caa736b146116775780636f9c3c8f1461149c57806381779f38146114455780638456cb591461138a578063856a2cf8146113415780638da5cb5b146112f0578063989f789c1461115c5780639a46793e146110ed578063a69df4b514610f9a578063ad3b1b4714610d5c578063b03fa86414610cd7578063c2c4c2c814610c14578063c3c5a54714610b84578063c92978081461097b578063cdf74ebe14610867578063d01b808e1461062b578063e1a589da14610591578063ec8b3cb614610463578063f2fde38b146103505763fc353ae514610184575f80fd5b3461034d5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d576101bb611feb565b602435801515810361034b5773ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001633036102ed579073ffffffffffffffffffffffffffffffffffffffff16825b60028110610229578380f35b60019082855260066020526102c06102448260408820612062565b90549060031b1c855f146102c6577f0100000000000000000000000000000000000000000000000000000000000000175b848752600660205261028a8360408920612062565b9091907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff83549160031b92831b921b1916179055565b0161021d565b7ffeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff16610275565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601d60248201527f63616c6c6572206d75737420626520426f6e64696e674d616e616765720000006044820152fd5b825b80fd5b503461034d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d57610388611feb565b81549073ffffffffffffffffffffffffffffffffffffffff808316916103af83331461230a565b1691821561040557827fffffffffffffffffffffffff0000000000000000000000000000000000000000927f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e08680a31617815580f35b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601560248201527f6f776e6572206973206e756c6c206164647265737300000000000000000000006044820152fd5b503461034d5760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d5760043567ffffffffffffffff811161058d5760e07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc823603011261058d576024359067ffffffffffffffff821161034b573660238301121561034b57816004013567ffffffffffffffff8111610589573660248285010111610589576105459261051b612565565b9167ffffffffffffffff602061053085612aa5565b94015116936024604435930190600401612b30565b805161054f575080f35b610585906040519182917f08c379a0000000000000000000000000000000000000000000000000000000008352600483016125c9565b0390fd5b8380fd5b5080fd5b503461034d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d5760806105cb611feb565b6105d36123a3565b506105dc6123a3565b5060206105e882612611565b9161060e604084519401519160405194610601866121eb565b85528385019283526123bb565b906040519351845251828401528051604084015201516060820152f35b503461034d5760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d5760043567ffffffffffffffff811161058d5761067b903690600401612031565b9160243567ffffffffffffffff811161058d5761069c903690600401612031565b92909160443567ffffffffffffffff811161058d576106bf903690600401612031565b90956106c9612565565b956106d387612aa5565b95828210158061085d575b156107d9576020859893989301907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff2187360301935b898110156107d5578060051b8089013590868212156107d157858310156107a45761074081850185612447565b92909189851015610777578b8f9294610770948f93966001989767ffffffffffffffff8c51169601359301612b30565b5001610713565b60248b7f4e487b710000000000000000000000000000000000000000000000000000000081526032600452fd5b6024897f4e487b710000000000000000000000000000000000000000000000000000000081526032600452fd5b8880fd5b8680f35b60846040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152602a60248201527f6261746368206c61636b732061207369676e6174757265206f7220612072656360448201527f697069656e7452616e64000000000000000000000000000000000000000000006064820152fd5b50828410156106de565b503461034d5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d5760043573ffffffffffffffffffffffffffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016330361091d5767ffffffffffffffff81167fffffffffffffffffffffffffffffffffffffffffffffffff0000000000000000600154161760015581526002602052602435604082205580f35b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601c60248201527f63616c6c6572206d75737420626520526f756e64734d616e61676572000000006044820152fd5b503461034d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d576004356109d073ffffffffffffffffffffffffffffffffffffffff835416331461230a565b8015610b005763ffffffff8111610a7c577fffffffffffffffffffffffffffffffff0000000000000000ffffffffffffffff6fffffffffffffffff00000000000000006001549260401b169116176001557f9f5033568d78ae30f29f01e944f97b2216493bd19d1b46d429673acff3dcd674606060405160208152601460208201527f7469636b657456616c6964697479506572696f640000000000000000000000006040820152a180f35b60846040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152602160248201527f7469636b657456616c6964697479506572696f6420697320746f6f206c61726760448201527f65000000000000000000000000000000000000000000000000000000000000006064820152fd5b60846040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152602b60248201527f7469636b657456616c6964697479506572696f64206d7573742062652067726560448201527f61746572207468616e20300000000000000000000000000000000000000000006064820152fd5b503461034d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d576020610c0a610bc1611feb565b73ffffffffffffffffffffffffffffffffffffffff165f5260066020527f010000000000000000000000000000000000000000000000000000000000000060405f205416151590565b6040519015158152f35b503461034d57807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d57610c5560ff60015460c01c16156120d8565b610caf610c6133612611565b8260408201610c728151151561213d565b52339073ffffffffffffffffffffffffffffffffffffffff9060408151602083015160601b1791015160c01b1791165f52600360205260405f2055565b337ffa044b7b93a40365dc68049797c2eb06918523d694e5d56e406cac3eb35578e58280a280f35b503461034d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d576004359067ffffffffffffffff821161034d5760e07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc833603011261034d576020610d5483600401612498565b604051908152f35b503461034d5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d5760043573ffffffffffffffffffffffffffffffffffffffff811680910361058d576024358115610f3c5780835b60028110610e725750610e14578280808093610e11956040518181528260208201527f4f1b51dd7a2fcb861aa2670f668be66835c4ee12b4bbbf037e4d0018f39819e460403392a25af1610e0b612248565b506122a5565b80f35b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601d60248201527f696e73756666696369656e74206665657320746f2077697468647261770000006044820152fd5b6001903386526006602052610f20610f0b610e908360408a20612062565b90549060031b1c94610f01610ed1876bffffffffffffffffffffffff81169166ffffffffffffff6bffffffffffffffffffffffff8360601c169260c01c1690565b50929080821015610f315750610ee78180612419565b9280841015610f265750610efb8380612419565b97612419565b9060601b90612419565b338852600660205261028a8360408a20612062565b01610db9565b610efb908094612419565b610ee7908092612419565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601160248201527f696e76616c696420726563697069656e740000000000000000000000000000006044820152fd5b503461034d57807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d57600154610fdc60ff8260c01c16156120d8565b610fe533612611565b610fee816126ee565b6040810190815161108f5761105a9061101c67ffffffffffffffff611011612751565b9560801c168561209e565b8352339073ffffffffffffffffffffffffffffffffffffffff9060408151602083015160601b1791015160c01b1791165f52600360205260405f2055565b5160405191825260208201527ff7870c5b224cbc19873599e46ccfc7103934650509b1af0c3ce90138377c200460403392a280f35b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601860248201527f756e6c6f636b20616c726561647920696e6974696174656400000000000000006044820152fd5b503461034d57807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d57602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b5060607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d5761118f611feb565b602435604435916111a860ff60015460c01c16156120d8565b34821115806112de575b156112345782827f5159e237d952190e68d5215430f305831be7c9c8776d1377c76679ae4773413f73ffffffffffffffffffffffffffffffffffffffff8461121f6020987fb52b99b9e83551fcbd069b559cc3e823e2a1a3bad8ece46561ea77524394c850988a986127ff565b16958692604051908152a2604051908152a280f35b60a46040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152604160248201527f6d73672e76616c756520646f6573206e6f7420657175616c2073756d206f662060448201527f6465706f73697420616d6f756e7420616e64207265736572766520616d6f756e60648201527f74000000000000000000000000000000000000000000000000000000000000006084820152fd5b50826112ea8334612419565b146111b2565b503461034d57807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d5773ffffffffffffffffffffffffffffffffffffffff6020915416604051908152f35b503461034d57807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d57602067ffffffffffffffff60015460401c16604051908152f35b503461034d57807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d576113db73ffffffffffffffffffffffffffffffffffffffff825416331461230a565b78010000000000000000000000000000000000000000000000007fffffffffffffff00ffffffffffffffffffffffffffffffffffffffffffffffff60015416176001557f729e4c407dbe298cc36ff2ce4cfd0c52c502b062228f7ea860bdee574c50ff818180a180f35b503461034d5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d576020610d54611482611feb565b61148a61200e565b8361149483612611565b015191612915565b50807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261034d576114d860ff60015460c01c16156120d8565b6114e133612611565b908151908061164a57508152602081016114fc34825161209e565b8091526bffffffffffffffffffffffff825111159081611633575b50156115d557806040611571920180511515806115cd575b61159f575b50339073ffffffffffffffffffffffffffffffffffffffff9060408151602083015160601b1791015160c01b1791165f52600360205260405f2055565b6040513481527fb52b99b9e83551fcbd069b559cc3e823e2a1a3bad8ece46561ea77524394c85060203392a2005b5f9052337ffa044b7b93a40365dc68049797c2eb06918523d694e5d56e406cac3eb35578e55f80a25f611534565b50600161152f565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601360248201527f616d6f756e7420697320746f6f206c61726765000000000000000000000000006044820152fd5b6bffffffffffffffffffffffff915011155f611517565b807f4e487b7100000000000000000000000000000000000000000000000000000000602492526011600452fd5b5f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126117ba576116b260ff60015460c01c16156120d8565b6116bb33612611565b6116c634825161209e565b80825260208201516bffffffffffffffffffffffff9091111590816117a3575b50156115d55780604061173f9201805115158061179b575b61176d5750339073ffffffffffffffffffffffffffffffffffffffff9060408151602083015160601b1791015160c01b1791165f52600360205260405f2055565b6040513481527f5159e237d952190e68d5215430f305831be7c9c8776d1377c76679ae4773413f60203392a2005b5f9052337ffa044b7b93a40365dc68049797c2eb06918523d694e5d56e406cac3eb35578e55f80a282611534565b5060016116fe565b6bffffffffffffffffffffffff91501115826116e6565b5f80fd5b346117ba575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126117ba57602060ff60015460c01c166040519015158152f35b346117ba5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126117ba57604061184261183d611feb565b6123bb565b60208251918051835201516020820152f35b346117ba5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126117ba576004355f526007602052602060405f20541515604051908152f35b60407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126117ba57600435602435906118e160ff60015460c01c16156120d8565b3481111580611955575b15611234576118fb8282336127ff565b6040519081527f5159e237d952190e68d5215430f305831be7c9c8776d1377c76679ae4773413f60203392a26040519081527fb52b99b9e83551fcbd069b559cc3e823e2a1a3bad8ece46561ea77524394c85060203392a2005b50816119618234612419565b146118eb565b346117ba5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126117ba5761199e611feb565b73ffffffffffffffffffffffffffffffffffffffff6119bb61200e565b91165f52600560205273ffffffffffffffffffffffffffffffffffffffff60405f2091165f526020526020610d5460405f206119fe6119f8612751565b9161236f565b6127d1565b346117ba575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126117ba57602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346117ba575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126117ba57611ac173ffffffffffffffffffffffffffffffffffffffff5f5416331461230a565b7fffffffffffffff00ffffffffffffffffffffffffffffffffffffffffffffffff600154166001557fc3888785fede6a99b52e31662e31c00fa196e83185656a506d0376a3de5dee5a5f80a1005b346117ba5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126117ba57600435611b6373ffffffffffffffffffffffffffffffffffffffff5f5416331461230a565b63ffffffff8111611c10577fffffffffffffffff0000000000000000ffffffffffffffffffffffffffffffff77ffffffffffffffff000000000000000000000000000000006001549260801b169116176001557f9f5033568d78ae30f29f01e944f97b2216493bd19d1b46d429673acff3dcd674606060405160208152600c60208201527f756e6c6f636b506572696f6400000000000000000000000000000000000000006040820152a1005b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601960248201527f756e6c6f636b506572696f6420697320746f6f206c61726765000000000000006044820152fd5b346117ba575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126117ba57611cae60ff60015460c01c16156120d8565b611cb733612611565b611cc0816126ee565b60408101611cd08151151561213d565b611cd8612751565b815111611d97575f8080611d8a611d9595611d4683965160405190611cfc826121a2565b8582528560208301526040820152339073ffffffffffffffffffffffffffffffffffffffff9060408151602083015160601b1791015160c01b1791165f52600360205260405f2055565b8051906020810191825160405191825260208201527fdf273cb619d95419a9cd0ec88123a0538c85064229baa6363788f743fff90deb60403392a25190519061209e565b335af1610e0b612248565b005b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601160248201527f6163636f756e74206973206c6f636b65640000000000000000000000000000006044820152fd5b346117ba5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126117ba57611e2c611feb565b5f73ffffffffffffffffffffffffffffffffffffffff5f92165b60028310611e5957602082604051908152f35b90611ec1600191835f526006602052611ebb611eb4611e7b8760405f20612062565b90549060031b1c6bffffffffffffffffffffffff81169166ffffffffffffff6bffffffffffffffffffffffff8360601c169260c01c1690565b509061209e565b9061209e565b92019190611e46565b346117ba575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126117ba57602067ffffffffffffffff60015460801c16604051908152f35b346117ba5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126117ba5760206040611f55611f50611feb565b612611565b01511515604051908152f35b346117ba5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126117ba57611f98611feb565b73ffffffffffffffffffffffffffffffffffffffff60243591165f526006602052611fcd611e7b60405f206001841690612062565b909214159050611fe257602090604051908152f35b5060205f610d54565b6004359073ffffffffffffffffffffffffffffffffffffffff821682036117ba57565b6024359073ffffffffffffffffffffffffffffffffffffffff821682036117ba57565b9181601f840112156117ba5782359167ffffffffffffffff83116117ba576020808501948460051b0101116117ba57565b60028210156120715701905f90565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b919082018092116120ab57565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b156120df57565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601060248201527f73797374656d20697320706175736564000000000000000000000000000000006044820152fd5b1561214457565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601d60248201527f6e6f20756e6c6f636b207265717565737420696e2070726f67726573730000006044820152fd5b6060810190811067ffffffffffffffff8211176121be57604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b6040810190811067ffffffffffffffff8211176121be57604052565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff8211176121be57604052565b3d156122a0573d9067ffffffffffffffff82116121be5760405191612295601f82017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe01660200184612207565b82523d5f602084013e565b606090565b156122ac57565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601560248201527f6574686572207472616e73666572206661696c656400000000000000000000006044820152fd5b1561231157565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601460248201527f63616c6c6572206d757374206265206f776e65720000000000000000000000006044820152fd5b9060405161237c816121eb565b91546bffffffffffffffffffffffff8116835260601c67ffffffffffffffff166020830152565b604051906123b0826121eb565b5f6020838281520152565b6123c36123a3565b5073ffffffffffffffffffffffffffffffffffffffff81165f52600460205260206123ff6123f960405f206119fe6119f8612751565b92612611565b0151906040519161240f836121eb565b8252602082015290565b919082039182116120ab57565b3573ffffffffffffffffffffffffffffffffffffffff811681036117ba5790565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1813603018212156117ba570180359067ffffffffffffffff82116117ba576020019181360383136117ba57565b7fffffffffffffffffffffffffffffffffffffffff00000000000000000000000061255f60c86124c784612426565b9360a06124d660208301612426565b916124e460c0820182612447565b92839260405198899681602089019c60601b168c5260601b166034870152604081013560488701526060810135606887015260808101356088870152013560a88501528484013781015f8382015203017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08101835282612207565b51902090565b604051906080820182811067ffffffffffffffff8211176121be5760405281606060ff60015467ffffffffffffffff8116845267ffffffffffffffff8160401c16602085015267ffffffffffffffff8160801c16604085015260c01c161515910152565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602060409481855280519182918282880152018686015e5f8582860101520116010190565b73ffffffffffffffffffffffffffffffffffffffff905f60408051612635816121a2565b8281528260208201520152165f52600360205260405f20546040519061265a826121a2565b6bffffffffffffffffffffffff811682526bffffffffffffffffffffffff8160601c16602083015260c01c604082015290565b6040519061269c606083612207565b602382527f65726f00000000000000000000000000000000000000000000000000000000006040837f73656e646572206465706f73697420616e64207265736572766520617265207a60208201520152565b8051159081159161270c575b5061270361268d565b901561054f5750565b60209150015115155f6126fa565b8115612724570490565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601260045260245ffd5b6127ce6127a86127817f000000000000000000000000000000000000000000000000000000000000000042612419565b7f00000000000000000000000000000000000000000000000000000000000000009061271a565b7f000000000000000000000000000000000000000000000000000000000000000061209e565b90565b9067ffffffffffffffff602083015116145f146127fa57516bffffffffffffffffffffffff1690565b505f90565b9161281461280c84612611565b92835161209e565b82526128256020830191825161209e565b8091526bffffffffffffffffffffffff8251111590816128fe575b50156115d557612899916040820180511515806128df575b61289b575b509073ffffffffffffffffffffffffffffffffffffffff9060408151602083015160601b1791015160c01b1791165f52600360205260405f2055565b565b5f905273ffffffffffffffffffffffffffffffffffffffff81167ffa044b7b93a40365dc68049797c2eb06918523d694e5d56e406cac3eb35578e55f80a25f61285d565b5073ffffffffffffffffffffffffffffffffffffffff82163314612858565b6bffffffffffffffffffffffff915011155f612840565b90604051917ffea977b400000000000000000000000000000000000000000000000000000000835273ffffffffffffffffffffffffffffffffffffffff8216600484015260208360248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa928315612a9a575f93612a66575b508215612a5e57612a2e916129fa73ffffffffffffffffffffffffffffffffffffffff6129d1612751565b931694855f5260046020526129f56129ef856119fe60405f2061236f565b8861209e565b61271a565b935f52600560205273ffffffffffffffffffffffffffffffffffffffff60405f2091165f526020526119fe60405f2061236f565b9081811115612a575782612a428383612419565b1015612a52576127ce9250612419565b505090565b5050505f90565b505050505f90565b9092506020813d602011612a92575b81612a8260209383612207565b810103126117ba5751915f6129a6565b3d9150612a75565b6040513d5f823e3d90fd5b9067ffffffffffffffff91612abe6060820151156120d8565b612ac6612751565b928391511603612ad257565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152602060248201527f63757272656e7420726f756e64206973206e6f7420696e697469616c697a65646044820152fd5b91909594612b3f908584612dce565b8051612dc55750604051602081019085825260208152612b60604082612207565b51902060a084013503612d5d57612b7683612498565b96875f52600760205260405f2054612d1a576020840192612ba181838b612b9c88612426565b613079565b8051612d0f5750612bcd60208060405184819583830197883781018a8382015203018084520182612207565b51902094606084013580961015612ccc5790612be99184613410565b958651612cc557612c2c7fc389eb51ed006dbf2528507f010efdf5225ea596e1e1741d74f550dab1925ee7939260c0925f526007602052600160405f2055612426565b947fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f73ffffffffffffffffffffffffffffffffffffffff80612c6f87612426565b612c7b87890189612447565b9a908b9160806040519b8c9a60408201358c5260208c0152013560408a0152606089015260a060808901528160a0890152888801375f878b880101521698169601168101030190a3565b5050505050565b5050505050509050604051612ce2604082612207565b601281527f7469636b657420646964206e6f742077696e0000000000000000000000000000602082015290565b985050505050505050565b5050505050509050604051612d30604082612207565b600e81527f7469636b65742069732075736564000000000000000000000000000000000000602082015290565b50505050509050604051612d72606082612207565b602e81527f726563697069656e7452616e6420646f6573206e6f74206d617463682072656360208201527f697069656e7452616e6448617368000000000000000000000000000000000000604082015290565b96505050505050565b91929060609273ffffffffffffffffffffffffffffffffffffffff612df282612426565b16156130375773ffffffffffffffffffffffffffffffffffffffff612e1960208301612426565b1615612ff5578060c0612e2d920190612447565b60408196929603612f8c57806020116117ba57853595865f52600260205260405f2054918215612f21576040116117ba576020013503612eb957612e71908561209e565b1115612e7957565b9150505f90604051612e8c604082612207565b601181527f7469636b65742069732065787069726564000000000000000000000000000000602082015290565b50509150505f90604051612ece606082612207565b603781527f7469636b6574206372656174696f6e526f756e64426c6f636b4861736820696e60208201527f76616c696420666f72206372656174696f6e526f756e64000000000000000000604082015290565b50505050509150505f90604051612f39606082612207565b602f81527f7469636b6574206372656174696f6e526f756e6420646f6573206e6f7420686160208201527f7665206120626c6f636b20686173680000000000000000000000000000000000604082015290565b5050509150505f90604051612fa2606082612207565b603381527f696e76616c6964206c656e67746820666f72207469636b65742061757844617460208201527f613a206d75737420626520363420627974657300000000000000000000000000604082015290565b50509150505f9060405161300a604082612207565b601d81527f7469636b65742073656e646572206973206e756c6c2061646472657373000000602082015290565b50509150505f9060405161304c604082612207565b602081527f7469636b657420726563697069656e74206973206e756c6c2061646472657373602082015290565b919392906060946041830361330d57826040116117ba57602081013592806040101561207157604082013560f81c927f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a085116132a457601b84141580613299575b6132305760405160208101917f19457468657265756d205369676e6564204d6573736167653a0a3332000000008352603c820152603c815261311d605c82612207565b519020906020116117ba576020935f936080933590604051938452868401526040830152606082015282805260015afa15612a9a5773ffffffffffffffffffffffffffffffffffffffff5f51169081156131f15773ffffffffffffffffffffffffffffffffffffffff160361318e57565b905060405161319e606082612207565b602281527f696e76616c6964207369676e6174757265206f766572207469636b657420686160208201527f7368000000000000000000000000000000000000000000000000000000000000604082015290565b50509050604051613203604082612207565b601881527f45434453413a20696e76616c6964207369676e61747572650000000000000000602082015290565b5050505050509050604051613246606082612207565b602281527f45434453413a20696e76616c6964207369676e6174757265202776272076616c60208201527f7565000000000000000000000000000000000000000000000000000000000000604082015290565b50601c8414156130da565b50505050505090506040516132ba606082612207565b602281527f45434453413a20696e76616c6964207369676e6174757265202773272076616c60208201527f7565000000000000000000000000000000000000000000000000000000000000604082015290565b505050509050604051613321604082612207565b601881527f494e56414c49445f5349474e41545552455f4c454e4754480000000000000000602082015290565b6040519061335d604083612207565b601d82527f7472616e73636f646572206d75737420626520726567697374657265640000006020830152565b60405190613398608083612207565b604282527f75650000000000000000000000000000000000000000000000000000000000006060837f73656e646572206465706f73697420616e64207265736572766520696e73756660208201527f66696369656e7420746f20636f766572207469636b657420666163652076616c60408201520152565b929160609361342160208201612426565b92604061342d83612426565b9201359261343a85612611565b9160408301518015159182613835575b50506137f357815115806137e7575b6137d8578315612cc55783825181115f1461376b5750815190613482602084019283519061209e565b851161375b576134d58473ffffffffffffffffffffffffffffffffffffffff165f5260066020527f010000000000000000000000000000000000000000000000000000000000000060405f205416151590565b1561374b576134e5835186612419565b906134f283518689612915565b821161373a579361372d60209473ffffffffffffffffffffffffffffffffffffffff946136ee86956135468b7f8b87351a208c06e3ceee59d80725fd77a23b4129e1b51ca231fc89b40712649c9b88613840565b5061354f612751565b878d1690815f5260048b526135738361356e836119fe60405f2061236f565b61209e565b825f5260058c5260405f208a8a165f528c5267ffffffffffffffff6135a28561356e856119fe60405f2061236f565b9216906bffffffffffffffffffffffff604051916135bf836121eb565b1681528c8101828152845f5260048e526bffffffffffffffffffffffff60405f209251167fffffffffffffffffffffffff000000000000000000000000000000000000000073ffffffffffffffff0000000000000000000000008454935160601b169216171790556bffffffffffffffffffffffff60405192613641846121eb565b1682528b8201908152825f5260058c5260405f208a8a165f528c526bffffffffffffffffffffffff60405f209251167fffffffffffffffffffffffff000000000000000000000000000000000000000073ffffffffffffffff0000000000000000000000008454935160601b169216171790557f5c2b394723f408a40a60335e24b71829642e35f350cebe2036a96a66e895ea98604080518a8a168152848d820152a25f84528251612419565b90525b889073ffffffffffffffffffffffffffffffffffffffff9060408151602083015160601b1791015160c01b1791165f52600360205260405f2055565b60405195865216941692a3565b5050505050505090506127ce613389565b50505050505090506127ce61334e565b50505050505090506127ce613389565b6137759184613840565b156137ca5773ffffffffffffffffffffffffffffffffffffffff807f8b87351a208c06e3ceee59d80725fd77a23b4129e1b51ca231fc89b40712649c9361372d846137c38860209751612419565b81526136f1565b5050505090506127ce61334e565b505050505090506127ce61268d565b50602082015115613459565b50505050509050604051613808604082612207565b601281527f73656e64657220697320756e6c6f636b65640000000000000000000000000000602082015290565b101590505f8061344a565b73ffffffffffffffffffffffffffffffffffffffff165f9081526006602052604090209190600181166138738185612062565b90549060031b1c7f01000000000000000000000000000000000000000000000000000000000000008116156139ef576138d8906bffffffffffffffffffffffff81169166ffffffffffffff6bffffffffffffffffffffffff8360601c169260c01c1690565b94919381858783116139de575b505085036139d657015b6bffffffffffffffffffffffff81841711613978576139327f01000000000000000000000000000000000000000000000000000000000000009261397396612062565b93909460c01b9160601b171717907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff83549160031b92831b921b1916179055565b600190565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601260248201527f666565732061726520746f6f206c6172676500000000000000000000000000006044820152fd5b9201916138ef565b9196500193505f90508481806138e5565b50505050505f90569f5033568d78ae30f29f01e944f97b2216493bd19d1b46d429673acff3dcd674'
