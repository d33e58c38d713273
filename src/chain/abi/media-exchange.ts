// Generated from contracts/ by scripts/build-contracts.ts. Do not edit.
import type { Hex } from '../../lib/bytes.ts'

/** Interface of MediaExchange.sol. */
export const mediaExchangeAbi = [
  {
    inputs: [
      {
        name: 'users_',
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
        name: 'channel',
        type: 'bytes32',
      },
      {
        indexed: false,
        name: 'balance',
        type: 'uint32',
      },
      {
        indexed: false,
        name: 'paid',
        type: 'uint96',
      },
      {
        indexed: false,
        name: 'refunded',
        type: 'uint96',
      },
    ],
    name: 'Cashed',
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
        indexed: true,
        name: 'asset',
        type: 'address',
      },
      {
        indexed: false,
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'Funded',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'channel',
        type: 'bytes32',
      },
      {
        indexed: true,
        name: 'payer',
        type: 'address',
      },
      {
        indexed: true,
        name: 'payee',
        type: 'address',
      },
      {
        indexed: false,
        name: 'escrow',
        type: 'uint96',
      },
    ],
    name: 'Opened',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'channel',
        type: 'bytes32',
      },
      {
        indexed: false,
        name: 'refunded',
        type: 'uint96',
      },
    ],
    name: 'Reclaimed',
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
        indexed: true,
        name: 'asset',
        type: 'address',
      },
      {
        indexed: false,
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'Withdrawn',
    type: 'event',
  },
  {
    inputs: [
      {
        name: 'asset',
        type: 'address',
      },
      {
        name: 'account',
        type: 'address',
      },
    ],
    name: 'balanceOf',
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
        components: [
          {
            name: 'nonce',
            type: 'bytes32',
          },
          {
            name: 'bid',
            type: 'uint96',
          },
          {
            name: 'expiration',
            type: 'uint64',
          },
          {
            name: 'hash',
            type: 'bytes32',
          },
          {
            name: 'format',
            type: 'string',
          },
          {
            name: 'to',
            type: 'bytes32',
          },
          {
            name: 'payee',
            type: 'address',
          },
          {
            name: 'asset',
            type: 'address',
          },
          {
            name: 'duration',
            type: 'uint32',
          },
          {
            name: 'segmentSeconds',
            type: 'uint32',
          },
          {
            name: 'key',
            type: 'bytes32',
          },
        ],
        name: 'bid',
        type: 'tuple',
      },
    ],
    name: 'bidDigest',
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
        components: [
          {
            name: 'nonce',
            type: 'bytes32',
          },
          {
            name: 'bid',
            type: 'uint96',
          },
          {
            name: 'expiration',
            type: 'uint64',
          },
          {
            name: 'hash',
            type: 'bytes32',
          },
          {
            name: 'format',
            type: 'string',
          },
          {
            name: 'to',
            type: 'bytes32',
          },
          {
            name: 'payee',
            type: 'address',
          },
          {
            name: 'asset',
            type: 'address',
          },
          {
            name: 'duration',
            type: 'uint32',
          },
          {
            name: 'segmentSeconds',
            type: 'uint32',
          },
          {
            name: 'key',
            type: 'bytes32',
          },
        ],
        name: 'bid',
        type: 'tuple',
      },
      {
        name: 'balance',
        type: 'uint32',
      },
      {
        name: 'sig',
        type: 'bytes',
      },
    ],
    name: 'cash',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'digest',
        type: 'bytes32',
      },
    ],
    name: 'channelOf',
    outputs: [
      {
        name: 'payer',
        type: 'address',
      },
      {
        name: 'escrow',
        type: 'uint96',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'channel',
        type: 'bytes32',
      },
      {
        name: 'balance',
        type: 'uint32',
      },
    ],
    name: 'checkDigest',
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
        name: 'asset',
        type: 'address',
      },
      {
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'fund',
    outputs: [],
    stateMutability: 'payable',
    type: 'function',
  },
  {
    inputs: [
      {
        components: [
          {
            name: 'nonce',
            type: 'bytes32',
          },
          {
            name: 'bid',
            type: 'uint96',
          },
          {
            name: 'expiration',
            type: 'uint64',
          },
          {
            name: 'hash',
            type: 'bytes32',
          },
          {
            name: 'format',
            type: 'string',
          },
          {
            name: 'to',
            type: 'bytes32',
          },
          {
            name: 'payee',
            type: 'address',
          },
          {
            name: 'asset',
            type: 'address',
          },
          {
            name: 'duration',
            type: 'uint32',
          },
          {
            name: 'segmentSeconds',
            type: 'uint32',
          },
          {
            name: 'key',
            type: 'bytes32',
          },
        ],
        name: 'bid',
        type: 'tuple',
      },
      {
        name: 'sig',
        type: 'bytes',
      },
    ],
    name: 'open',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        components: [
          {
            name: 'nonce',
            type: 'bytes32',
          },
          {
            name: 'bid',
            type: 'uint96',
          },
          {
            name: 'expiration',
            type: 'uint64',
          },
          {
            name: 'hash',
            type: 'bytes32',
          },
          {
            name: 'format',
            type: 'string',
          },
          {
            name: 'to',
            type: 'bytes32',
          },
          {
            name: 'payee',
            type: 'address',
          },
          {
            name: 'asset',
            type: 'address',
          },
          {
            name: 'duration',
            type: 'uint32',
          },
          {
            name: 'segmentSeconds',
            type: 'uint32',
          },
          {
            name: 'key',
            type: 'bytes32',
          },
        ],
        name: 'bid',
        type: 'tuple',
      },
    ],
    name: 'reclaim',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [],
    name: 'users',
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
        components: [
          {
            name: 'nonce',
            type: 'bytes32',
          },
          {
            name: 'bid',
            type: 'uint96',
          },
          {
            name: 'expiration',
            type: 'uint64',
          },
          {
            name: 'hash',
            type: 'bytes32',
          },
          {
            name: 'format',
            type: 'string',
          },
          {
            name: 'to',
            type: 'bytes32',
          },
          {
            name: 'payee',
            type: 'address',
          },
          {
            name: 'asset',
            type: 'address',
          },
          {
            name: 'duration',
            type: 'uint32',
          },
          {
            name: 'segmentSeconds',
            type: 'uint32',
          },
          {
            name: 'key',
            type: 'bytes32',
          },
        ],
        name: 'bid',
        type: 'tuple',
      },
      {
        name: 'balance',
        type: 'uint32',
      },
    ],
    name: 'valueOf',
    outputs: [
      {
        name: '',
        type: 'uint96',
      },
    ],
    stateMutability: 'pure',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'asset',
        type: 'address',
      },
      {
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'withdraw',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
] as const

/** Creation code of MediaExchange.sol. */
export const mediaExchangeBytecode: Hex =
  '0x60c080604052346100fd57602081611f09803803809161001f8285610101565b8339810103126100fd57516001600160a01b03811681036100fd5760805260405160208101907f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f82527fa7beb3fc1b093e39869b5c80c55ed4f9a56404f920888bbf1439f123186415fa60408201527fc89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc660608201524660808201523060a082015260a081526100cf60c082610101565b51902060a052604051611dd0908161013982396080518181816102cd0152610d2d015260a05181611ab90152f35b5f80fd5b601f909101601f19168101906001600160401b0382119082101761012457604052565b634e487b7160e01b5f52604160045260245ffdfe60806040526004361015610011575f80fd5b5f5f3560e01c80630a1f2de514610a5a578063171a2a7d146109dd5780634696cdbc146106b65780634b2b6930146105105780634d45d024146104735780637b1837de146103575780639171f8bb14610312578063b234b807146102f1578063f202027514610282578063f3fef3a31461012a5763f7888aec14610093575f80fd5b346101275760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610127576100ca611013565b906024359173ffffffffffffffffffffffffffffffffffffffff831683036101255773ffffffffffffffffffffffffffffffffffffffff918260409216815260016020522091165f52602052602060405f2054604051908152f35b505b80fd5b50346101275760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261012757610259610165611013565b6024359061017760ff855c1615611036565b60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00855c1617845d73ffffffffffffffffffffffffffffffffffffffff811680855260016020526040852073ffffffffffffffffffffffffffffffffffffffff33165f526020526101f98360405f20546101f482821015611205565b61126a565b81865260016020526040862073ffffffffffffffffffffffffffffffffffffffff33165f5260205260405f20556040518381527fd1c19fbcd4551a5edfb66d43d2e337c04837afda3482b42bdf569a8fccdae5fb60203392a33390611b26565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00815c16815d80f35b503461012757807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261012757602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b503461012757602061030a61030536610fa3565b6114bc565b604051908152f35b50346101275760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261012757602061030a61034f610f90565b6004356118e2565b5060407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101275761038a611013565b61039860ff835c1615611036565b60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00835c1617825d73ffffffffffffffffffffffffffffffffffffffff6103e260243583611939565b91169081835260016020526040832073ffffffffffffffffffffffffffffffffffffffff33165f5260205260405f2061041c8282546113cb565b90556040519081527f3b5083eec1a1116c56de5d6841cff8efc6a0aec9850e836ec509d6ce024ea56160203392a37fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00815c16815d80f35b50346101275760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610127576004359067ffffffffffffffff8211610127576101607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc83360301126101275760206104fa836104f1610f90565b90600401611402565b6bffffffffffffffffffffffff60405191168152f35b50346101275761051f36610fa3565b61052d60ff835c1615611036565b60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00835c1617825d67ffffffffffffffff61056b60408301611121565b164210610658577f098ed9be9ee5467e30ebc0122aec7aba65ac6a3123c6075bce1949178d897bc8602061059e836114bc565b92838552848252604085209073ffffffffffffffffffffffffffffffffffffffff6105f160e08454938385169460a01c956105da861515611301565b6105e5871515611366565b8481541690550161109b565b1686526001835273ffffffffffffffffffffffffffffffffffffffff6040872091165f52825260405f206106268282546113cb565b9055604051908152a27fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00815c16815d80f35b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601260248201527f626964206973206e6f74206578706972656400000000000000000000000000006044820152fd5b50346101275760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101275760043567ffffffffffffffff811161012557806004016101607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc83360301126109d957610731610f90565b906044359167ffffffffffffffff83116109d55761075661080f933690600401610f62565b9461076560ff885c1615611036565b60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00885c1617875d60c481016107bb73ffffffffffffffffffffffffffffffffffffffff6107b38361109b565b1633146110bc565b6107c4856114bc565b968793848a528960205273ffffffffffffffffffffffffffffffffffffffff61081960408c20938454936108148a8587169a8b9760a01c9e8f6108088a1515611301565b1515611366565b6118e2565b611680565b1603610977577f0a93a55e311f4e19f82f9165d2903f4975eb121a1d623754e635155fcd456ec296896bffffffffffffffffffffffff95610935946108608960609b611402565b9473ffffffffffffffffffffffffffffffffffffffff815416905573ffffffffffffffffffffffffffffffffffffffff6108b6604060e48b89169a0195836108a78861109b565b1681526001602052209261109b565b165f5260205260405f206108cb8782546113cb565b905573ffffffffffffffffffffffffffffffffffffffff6108f7886108f087876113d8565b169361109b565b168c52600160205273ffffffffffffffffffffffffffffffffffffffff60408d2091165f5260205261092e60405f209182546113cb565b90556113d8565b9063ffffffff604051941684526020840152166040820152a27fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00815c16815d80f35b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601560248201527f6e6f7420746865207061796572277320636865636b00000000000000000000006044820152fd5b8480fd5b8280fd5b50346101275760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101275760408091600435815280602052206020825191610a2983611277565b549173ffffffffffffffffffffffffffffffffffffffff83169283825260a01c918291015282519182526020820152f35b5034610e445760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610e445760043567ffffffffffffffff8111610e4457806004016101607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc8336030112610e445760243567ffffffffffffffff8111610e4457610aed903690600401610f62565b90610afc60ff5f5c1615611036565b60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff005f5c16175f5d60c4840190610b4b73ffffffffffffffffffffffffffffffffffffffff6107b38461109b565b67ffffffffffffffff610b6060448701611121565b16421015610f045763ffffffff610b7a6101248701611136565b1615610ea657610b89846114bc565b92835f525f60205273ffffffffffffffffffffffffffffffffffffffff60405f205416610e4857610bba9184611680565b926bffffffffffffffffffffffff610bf281610bd860248901611147565b1663ffffffff610beb6101048a01611136565b1690611160565b610bfe828211156111a0565b60e4870173ffffffffffffffffffffffffffffffffffffffff610c208261109b565b165f52600160205260405f2073ffffffffffffffffffffffffffffffffffffffff88165f5260205273ffffffffffffffffffffffffffffffffffffffff610c7b610c758460405f20546101f482821015611205565b9261109b565b165f52600160205260405f2073ffffffffffffffffffffffffffffffffffffffff88165f5260205260405f2055169473ffffffffffffffffffffffffffffffffffffffff60405195610ccc87611277565b1680865260208087018881525f8781529182905260409091209651905160a01b7fffffffffffffffffffffffff00000000000000000000000000000000000000001673ffffffffffffffffffffffffffffffffffffffff91821617909655947f00000000000000000000000000000000000000000000000000000000000000001690813b15610e44576084610144915f809460405196879586947f34e8d7410000000000000000000000000000000000000000000000000000000086528c6004870152013560248501523560448401528860648401525af18015610e3957610e23575b50602073ffffffffffffffffffffffffffffffffffffffff610df17fcf94add071a6914c859357c5aa9b05f2fa7027fc4b869b4172b91beb6ddff2a59361109b565b1694604051908152a47fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00815c16815d80f35b610e309195505f906112c0565b5f936020610daf565b6040513d5f823e3d90fd5b5f80fd5b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600e60248201527f62696420776173206f70656e65640000000000000000000000000000000000006044820152fd5b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601460248201527f7365676d656e74206f66206e6f206c656e6774680000000000000000000000006044820152fd5b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600e60248201527f62696420697320657870697265640000000000000000000000000000000000006044820152fd5b9181601f84011215610e445782359167ffffffffffffffff8311610e445760208381860195010111610e4457565b6024359063ffffffff82168203610e4457565b60207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc820112610e44576004359067ffffffffffffffff8211610e44577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc8261016092030112610e445760040190565b6004359073ffffffffffffffffffffffffffffffffffffffff82168203610e4457565b1561103d57565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600b60248201527f63616c6c6564206261636b0000000000000000000000000000000000000000006044820152fd5b3573ffffffffffffffffffffffffffffffffffffffff81168103610e445790565b156110c357565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600e60248201527f6f6e6c79207468652070617965650000000000000000000000000000000000006044820152fd5b3567ffffffffffffffff81168103610e445790565b3563ffffffff81168103610e445790565b356bffffffffffffffffffffffff81168103610e445790565b8181029291811591840414171561117357565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b156111a757565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601260248201527f707269636520697320746f6f206c6172676500000000000000000000000000006044820152fd5b1561120c57565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601460248201527f62616c616e636520697320746f6f20736d616c6c0000000000000000000000006044820152fd5b9190820391821161117357565b6040810190811067ffffffffffffffff82111761129357604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff82111761129357604052565b1561130857565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601360248201527f6368616e6e656c206973206e6f74206f70656e000000000000000000000000006044820152fd5b1561136d57565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601160248201527f6368616e6e656c20697320636c6f7365640000000000000000000000000000006044820152fd5b9190820180921161117357565b906bffffffffffffffffffffffff809116911603906bffffffffffffffffffffffff821161117357565b611462906114326bffffffffffffffffffffffff9363ffffffff8061142a6101208601611136565b169116611160565b6101008461144260208501611147565b16920163ffffffff61145382611136565b16821015611472575090611160565b61146e828211156111a0565b1690565b63ffffffff9150610beb90611136565b67ffffffffffffffff811161129357601f017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe01660200190565b6114c860208201611147565b906114d560408201611121565b9060808101357fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe182360301811215610e44578101803567ffffffffffffffff8111610e445760208201908036038213610e445761153181611482565b9161153f60405193846112c0565b81835260208301936020833692010111610e44578190843781016020015f905251902060c0820161156f9061109b565b61157b60e0840161109b565b6115886101008501611136565b916115966101208601611136565b936040519660208801987f86eff80224546ac467c5eae9da7d06537835778899c166d742d546be9efee7e88a52873560408a01526bffffffffffffffffffffffff16606089015267ffffffffffffffff166080880152606086013560a088015260c087015260a085013560e087015273ffffffffffffffffffffffffffffffffffffffff1661010086015273ffffffffffffffffffffffffffffffffffffffff1661012085015263ffffffff1661014084015263ffffffff16610160830152610140013561018082015261018081526116716101a0826112c0565b51902061167d90611a8c565b90565b9190604182036118845781604011610e4457602081013592826040101561185757604082013560f81c927f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a085116117f957601b841480156117ef575b1561179157602011610e44576020935f936080933590604051938452868401526040830152606082015282805260015afa15610e39575f519073ffffffffffffffffffffffffffffffffffffffff82161561173357565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601360248201527f7369676e6174757265206f66206e6f626f6479000000000000000000000000006044820152fd5b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600b60248201527f7369676e617475726520760000000000000000000000000000000000000000006044820152fd5b50601c84146116dc565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601760248201527f7369676e617475726520776974682061206869676820730000000000000000006044820152fd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601060248201527f7369676e6174757265206c656e677468000000000000000000000000000000006044820152fd5b61167d9163ffffffff6040519160208301937f78f99a9d6c3d9ae70a69ce749ba4ce41768e33cd82c64d3cd2eda81c274bf43685526040840152166060820152606081526119316080826112c0565b519020611a8c565b9073ffffffffffffffffffffffffffffffffffffffff821615611a2257346119c4576101f4826119bf61196e61167d95611c8d565b93604051907f23b872dd0000000000000000000000000000000000000000000000000000000060208301523360248301523060448301526064820152606481526119b96084826112c0565b82611d0c565b611c8d565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601260248201527f76616c75652077697468206120746f6b656e00000000000000000000000000006044820152fd5b8091503403611a2e5790565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601760248201527f76616c7565206973206e6f742074686520616d6f756e740000000000000000006044820152fd5b60405160208101917f190100000000000000000000000000000000000000000000000000000000000083527f00000000000000000000000000000000000000000000000000000000000000006022830152604282015260428152611af16062826112c0565b51902090565b3d15611b21573d90611b0882611482565b91611b1660405193846112c0565b82523d5f602084013e565b606090565b8215611c235773ffffffffffffffffffffffffffffffffffffffff811615611bac57611baa9273ffffffffffffffffffffffffffffffffffffffff604051937fa9059cbb000000000000000000000000000000000000000000000000000000006020860152166024840152604483015260448252611ba56064836112c0565b611d0c565b565b505f80809381935af1611bbd611af7565b5015611bc557565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601a60248201527f74686520726563656976657220726566757365732065746865720000000000006044820152fd5b505050565b15611c2f57565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600b60248201527f6e6f74206120746f6b656e0000000000000000000000000000000000000000006044820152fd5b5f809160405160208101907f70a0823100000000000000000000000000000000000000000000000000000000825230602482015260248152611cd06044826112c0565b51915afa611cdc611af7565b9080611d00575b611cec90611c28565b602081805181010312610e44576020015190565b50805160201115611ce3565b905f809160208151910182855af1611d22611af7565b81611d98575b5015611d3a57611baa903b1515611c28565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601560248201527f746f6b656e207472616e73666572206661696c656400000000000000000000006044820152fd5b8051801592508215611dad575b50505f611d28565b8192509060209181010312610e4457602001518015158103610e44575f80611da556'
