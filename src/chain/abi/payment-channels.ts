// Generated from contracts/ by scripts/build-contracts.ts. Do not edit.
import type { Hex } from '../../lib/bytes.ts'

/** Interface of PaymentChannels.sol. */
export const paymentChannelsAbi = [
  {
    inputs: [],
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
        name: 'amount',
        type: 'uint112',
      },
    ],
    name: 'ChangeRecovered',
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
        name: 'quantity',
        type: 'uint112',
      },
      {
        indexed: false,
        name: 'change',
        type: 'uint112',
      },
    ],
    name: 'Closed',
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
        name: 'quantity',
        type: 'uint112',
      },
      {
        indexed: false,
        name: 'revokeSecretHash',
        type: 'bytes20',
      },
      {
        indexed: false,
        name: 'delayTime',
        type: 'uint16',
      },
    ],
    name: 'CommitPublished',
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
        name: 'amount',
        type: 'uint112',
      },
    ],
    name: 'Deposited',
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
        name: 'amount',
        type: 'uint112',
      },
    ],
    name: 'Expired',
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
        name: 'quantity',
        type: 'uint112',
      },
      {
        indexed: false,
        name: 'spendSecret',
        type: 'bytes32',
      },
    ],
    name: 'PaidOut',
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
        name: 'quantity',
        type: 'uint112',
      },
      {
        indexed: false,
        name: 'revokeSecret',
        type: 'bytes32',
      },
    ],
    name: 'Revoked',
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
        name: 'amount',
        type: 'uint112',
      },
    ],
    name: 'ToppedUp',
    type: 'event',
  },
  {
    inputs: [
      {
        components: [
          {
            name: 'payer',
            type: 'address',
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
            name: 'spendHash',
            type: 'bytes20',
          },
          {
            name: 'expireTime',
            type: 'uint16',
          },
        ],
        name: 'terms',
        type: 'tuple',
      },
    ],
    name: 'channelId',
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
        name: 'id',
        type: 'bytes32',
      },
    ],
    name: 'channelOf',
    outputs: [
      {
        components: [
          {
            name: 'balance',
            type: 'uint112',
          },
          {
            name: 'committed',
            type: 'uint112',
          },
          {
            name: 'openedAt',
            type: 'uint32',
          },
          {
            name: 'revokeHash',
            type: 'bytes20',
          },
          {
            name: 'publishedAt',
            type: 'uint32',
          },
          {
            name: 'delay',
            type: 'uint16',
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
        components: [
          {
            name: 'payer',
            type: 'address',
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
            name: 'spendHash',
            type: 'bytes20',
          },
          {
            name: 'expireTime',
            type: 'uint16',
          },
        ],
        name: 'terms',
        type: 'tuple',
      },
      {
        name: 'quantity',
        type: 'uint112',
      },
      {
        name: 'payerSig',
        type: 'bytes',
      },
      {
        name: 'payeeSig',
        type: 'bytes',
      },
    ],
    name: 'close',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        name: 'id',
        type: 'bytes32',
      },
      {
        name: 'quantity',
        type: 'uint112',
      },
      {
        name: 'revokeHash',
        type: 'bytes20',
      },
      {
        name: 'delay',
        type: 'uint16',
      },
    ],
    name: 'commitDigest',
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
            name: 'payer',
            type: 'address',
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
            name: 'spendHash',
            type: 'bytes20',
          },
          {
            name: 'expireTime',
            type: 'uint16',
          },
        ],
        name: 'terms',
        type: 'tuple',
      },
      {
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'makeDeposit',
    outputs: [],
    stateMutability: 'payable',
    type: 'function',
  },
  {
    inputs: [
      {
        components: [
          {
            name: 'payer',
            type: 'address',
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
            name: 'spendHash',
            type: 'bytes20',
          },
          {
            name: 'expireTime',
            type: 'uint16',
          },
        ],
        name: 'terms',
        type: 'tuple',
      },
      {
        name: 'spendSecret',
        type: 'bytes32',
      },
    ],
    name: 'payout',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        components: [
          {
            name: 'payer',
            type: 'address',
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
            name: 'spendHash',
            type: 'bytes20',
          },
          {
            name: 'expireTime',
            type: 'uint16',
          },
        ],
        name: 'terms',
        type: 'tuple',
      },
      {
        name: 'quantity',
        type: 'uint112',
      },
      {
        name: 'revokeHash',
        type: 'bytes20',
      },
      {
        name: 'delay',
        type: 'uint16',
      },
      {
        name: 'payerSig',
        type: 'bytes',
      },
    ],
    name: 'publishCommit',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        components: [
          {
            name: 'payer',
            type: 'address',
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
            name: 'spendHash',
            type: 'bytes20',
          },
          {
            name: 'expireTime',
            type: 'uint16',
          },
        ],
        name: 'terms',
        type: 'tuple',
      },
      {
        name: 'quantity',
        type: 'uint112',
      },
      {
        name: 'revokeHash',
        type: 'bytes20',
      },
      {
        name: 'delay',
        type: 'uint16',
      },
      {
        name: 'payerSig',
        type: 'bytes',
      },
      {
        name: 'payeeSig',
        type: 'bytes',
      },
    ],
    name: 'publishCommitFor',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        components: [
          {
            name: 'payer',
            type: 'address',
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
            name: 'spendHash',
            type: 'bytes20',
          },
          {
            name: 'expireTime',
            type: 'uint16',
          },
        ],
        name: 'terms',
        type: 'tuple',
      },
      {
        name: 'spendSecret',
        type: 'bytes32',
      },
    ],
    name: 'recoverChange',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        components: [
          {
            name: 'payer',
            type: 'address',
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
            name: 'spendHash',
            type: 'bytes20',
          },
          {
            name: 'expireTime',
            type: 'uint16',
          },
        ],
        name: 'terms',
        type: 'tuple',
      },
    ],
    name: 'recoverExpired',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        components: [
          {
            name: 'payer',
            type: 'address',
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
            name: 'spendHash',
            type: 'bytes20',
          },
          {
            name: 'expireTime',
            type: 'uint16',
          },
        ],
        name: 'terms',
        type: 'tuple',
      },
      {
        name: 'revokeSecret',
        type: 'bytes32',
      },
    ],
    name: 'revoke',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        components: [
          {
            name: 'payer',
            type: 'address',
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
            name: 'spendHash',
            type: 'bytes20',
          },
          {
            name: 'expireTime',
            type: 'uint16',
          },
        ],
        name: 'terms',
        type: 'tuple',
      },
      {
        name: 'amount',
        type: 'uint256',
      },
    ],
    name: 'topUp',
    outputs: [],
    stateMutability: 'payable',
    type: 'function',
  },
] as const

/** Creation code of PaymentChannels.sol. */
export const paymentChannelsBytecode: Hex =
  '0x60c0346100e6574660a052602081017f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f81527f6da77671ea2de96a080058da6b6cb6ad6eb7565b4802a9c828b5a974ddcb207960408301527fc89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc660608301524660808301523060a083015260a0825260c082019180831060018060401b038411176100d257826040525190206080526124b290816100eb823960805181611a78015260a0518181816113a401526114a30152f35b634e487b7160e01b5f52604160045260245ffd5b5f80fdfe60806040526004361015610011575f80fd5b5f3560e01c806304e259f7146111f1578063171a2a7d146110b25780631ab35dfe14610e905780631d95135714610ce8578063239fb29814610c4d578063296c2bea14610a8557806375c8cf5f146108ac5780639431ba68146107355780639682c58d146105c6578063cbd59de8146103f0578063f754670f146102005763ff8d6f0a1461009d575f80fd5b346101fc577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161012081126101fc5760a0136101fc576100dd61122a565b6100e5611275565b6100ed6112a4565b906101043567ffffffffffffffff81116101fc5761010f903690600401611247565b92909161012060ff5f5c16156115bb565b60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff005f5c16175f5d73ffffffffffffffffffffffffffffffffffffffff6101666116a8565b16330361019e5761017694611ea7565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff005f5c165f5d005b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600e60248201527f6f6e6c79207468652070617965650000000000000000000000000000000000006044820152fd5b5f80fd5b346101fc5761020e366112b5565b61021c60ff5f5c16156115bb565b60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff005f5c16175f5d61024e82611499565b91825f525f60205260405f20926dffffffffffffffffffffffffffff845460701c169261027c8415156117f0565b61028581612046565b7fffffffffffffffffffffffffffffffffffffffff00000000000000000000000080600188015460601b16911603610392576103747f1c5c0049b83a9042fb71a82594d3f62e27601d0af1d78024dc890b71ea6d081591867fffffffff0000000000000000000000000000ffffffffffffffffffffffffffff61017698541681556dffffffffffffffffffffffffffff610322888284541661170f565b167fffffffffffffffffffffffffffffffffffff00000000000000000000000000008254161790556040519182918783602090939291936dffffffffffffffffffffffffffff60408201951681520152565b0390a261038c610386604083016116ee565b916116ee565b90611da5565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601360248201527f77726f6e67207265766f6b6520736563726574000000000000000000000000006044820152fd5b346101fc576103fe366112b5565b61040c60ff5f5c16156115bb565b60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff005f5c16175f5d61043e82611499565b91825f525f60205260405f209283549361046e6dffffffffffffffffffffffffffff8087169660701c168661170f565b946dffffffffffffffffffffffffffff861694851561056857610176966dffffffffffffffffffffffffffff926104c06104c59363ffffffff600188015460a01c161590811591610526575b5061188f565b61170f565b167fffffffffffffffffffffffffffffffffffff00000000000000000000000000008254161790557f4ae86e6eff40a9e2fdcb211a0dffab2ec288f068c570d4c480a44109b04545d26020604051858152a261038c610386604083016116ee565b6105309150612046565b7fffffffffffffffffffffffffffffffffffffffff0000000000000000000000008061055e60608c01611862565b169116148b6104ba565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600960248201527f6e6f206368616e676500000000000000000000000000000000000000000000006044820152fd5b346101fc5760a07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101fc5761060360ff5f5c16156115bb565b60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff005f5c16175f5d61063461139a565b61063d81611959565b80549160843561ffff81168091036101fc5761065c908460e01c611855565b43106106d7576dffffffffffffffffffffffffffff6101769316917fffffffffffffffffffffffffffffffffffff000000000000000000000000000081541690557fe2bebc8e4b73eebcda2f966b123baf377ccbb8a977d82c6d4f557b37e044e59d6020604051848152a26106cf6116cb565b61038c611685565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600b60248201527f6e6f7420657870697265640000000000000000000000000000000000000000006044820152fd5b61073e366112b5565b9061074d60ff5f5c16156115bb565b60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff005f5c16175f5d61079f73ffffffffffffffffffffffffffffffffffffffff610797836116ee565b1633146118f4565b6107c66107ab82611499565b926107c160406107ba86611959565b94016116ee565b6120bb565b6dffffffffffffffffffffffffffff808354169116809101906dffffffffffffffffffffffffffff821161087f577f0242671e66a1e01a56109d6f3d8e27c3654a56817a2ee410c38b59456b852566926dffffffffffffffffffffffffffff602093167fffffffffffffffffffffffffffffffffffff0000000000000000000000000000825416179055604051908152a27fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff005f5c165f5d005b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b6108b5366112b5565b6108c360ff5f5c16156115bb565b60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff005f5c16175f5d61090d73ffffffffffffffffffffffffffffffffffffffff610797846116ee565b61091682611499565b805f525f60205260405f2091825460e01c610a275761093b906107c1604086016116ee565b82547bffffffffffffffffffffffffffff0000000000000000000000000000166dffffffffffffffffffffffffffff8216174360e01b7fffffffff0000000000000000000000000000000000000000000000000000000016179092557f519f48dbed83b3820d2678ea350ffb9fbac24d6198d70ded5ce1a3c132e912b8602073ffffffffffffffffffffffffffffffffffffffff806109e4836109dd896116ee565b98016116ee565b6dffffffffffffffffffffffffffff6040519716875216951693a47fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff005f5c165f5d005b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601460248201527f6368616e6e656c20616c726561647920757365640000000000000000000000006044820152fd5b346101fc57610a93366112b5565b610aa160ff5f5c16156115bb565b60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff005f5c16175f5d610ad382611499565b91825f525f60205260405f20926dffffffffffffffffffffffffffff845460701c1692610b018415156117f0565b610b20600186015463ffffffff61ffff8260c01c169160a01c16611855565b4310610bef57610bd48161017696610b92610b5b7fb0245bccce7ac8bb0210faf7f20d0e1f0cc122658dc431a8c4aae01eafad336295612046565b7fffffffffffffffffffffffffffffffffffffffff00000000000000000000000080610b8960608b01611862565b1691161461188f565b7fffffffff0000000000000000000000000000ffffffffffffffffffffffffffff81541681556dffffffffffffffffffffffffffff610322888284541661170f565b0390a261038c6020610be8604084016116ee565b92016116ee565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600960248201527f746f6f206561726c7900000000000000000000000000000000000000000000006044820152fd5b346101fc5760807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101fc576024356dffffffffffffffffffffffffffff811681036101fc57604435907fffffffffffffffffffffffffffffffffffffffff000000000000000000000000821682036101fc5760643561ffff811681036101fc57602092610ce09260043561173d565b604051908152f35b346101fc577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161014081126101fc5760a0136101fc57610d2861122a565b610d30611275565b610d386112a4565b906101043567ffffffffffffffff81116101fc57610d5a903690600401611247565b929091610124359467ffffffffffffffff86116101fc57610e8b610d85610176973690600401611247565b90610d9460ff5f5c16156115bb565b60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff005f5c16175f5d610dc561139a565b60405160208101917f437933f1ba859b878c0bc50c69a4c3a19982a22959a97ca38e74ac9c9fce9e33835260408201526dffffffffffffffffffffffffffff861660608201527fffffffffffffffffffffffffffffffffffffffff0000000000000000000000008716608082015261ffff881660a0820152610e7160c0828003017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08101835282611359565b519020610e85610e7f6116a8565b91611a4b565b90611ab0565b611ea7565b346101fc577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360161010081126101fc5760a0136101fc57610ed061122a565b60c43567ffffffffffffffff81116101fc57610ef0903690600401611247565b919060e43567ffffffffffffffff81116101fc5761017693610f19611082923690600401611247565b90610f2860ff5f5c16156115bb565b60017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff005f5c16175f5d611003610f5c61139a565b92610f6684611959565b926dffffffffffffffffffffffffffff84541697610ffb6dffffffffffffffffffffffffffff8b1697610f9b8b8a1115611620565b610fec60405160208101907f8364828b346a5905de88a85644e5e197c84e851e4333f7a3e418f3c14ef48c3782528a60408201528b606082015260608152610fe4608082611359565b519020611a4b565b9283610ff6611685565b611ab0565b610ff66116a8565b7fffffffffffffffffffffffffffffffffffff000000000000000000000000000081541690557f8844026e3112b519eec551308cb27b98c8551c30441d8c9bbca80bc42f0436606040611056878761170f565b6dffffffffffffffffffffffffffff825191868352166020820152a261107a6116cb565b61038c6116a8565b6dffffffffffffffffffffffffffff6110ab61109c6116cb565b936110a5611685565b9361170f565b1691611da5565b346101fc5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101fc575f60a06040516110f081611310565b82815282602082015282604082015282606082015282608082015201526004355f525f60205260c060405f2061ffff60405161112b81611310565b63ffffffff8354917fffffffffffffffffffffffffffffffffffffffff0000000000000000000000006dffffffffffffffffffffffffffff84169586835283600160208501926dffffffffffffffffffffffffffff8860701c168452604086019760e01c88520154956dffffffffffffffffffffffffffff6060860193858960601b1685528960a06080890198868c831c168a5201998d1c1689526040519a8b52511660208a0152511660408801525116606086015251166080840152511660a0820152f35b346101fc5760a07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101fc576020610ce061139a565b60a435906dffffffffffffffffffffffffffff821682036101fc57565b9181601f840112156101fc5782359167ffffffffffffffff83116101fc57602083818601950101116101fc57565b60c435907fffffffffffffffffffffffffffffffffffffffff000000000000000000000000821682036101fc57565b60e4359061ffff821682036101fc57565b7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc0160c081126101fc5760a0136101fc5760049060a43590565b359073ffffffffffffffffffffffffffffffffffffffff821682036101fc57565b60c0810190811067ffffffffffffffff82111761132c57604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff82111761132c57604052565b60405160208101907f0000000000000000000000000000000000000000000000000000000000000000825230604082015260043573ffffffffffffffffffffffffffffffffffffffff81168091036101fc57606082015260243573ffffffffffffffffffffffffffffffffffffffff81168091036101fc57608082015260443573ffffffffffffffffffffffffffffffffffffffff81168091036101fc5760a08201526064357fffffffffffffffffffffffffffffffffffffffff00000000000000000000000081168091036101fc5760c082015260843561ffff81168091036101fc5760e082015260e0815261149361010082611359565b51902090565b60405160208101917f0000000000000000000000000000000000000000000000000000000000000000835230604083015273ffffffffffffffffffffffffffffffffffffffff6114e8826112ef565b16606083015273ffffffffffffffffffffffffffffffffffffffff61150f602083016112ef565b16608083015273ffffffffffffffffffffffffffffffffffffffff611536604083016112ef565b1660a08301526060810135907fffffffffffffffffffffffffffffffffffffffff000000000000000000000000821682036101fc577fffffffffffffffffffffffffffffffffffffffff0000000000000000000000006080921660c0840152013561ffff811681036101fc5761ffff1660e082015260e0815261149361010082611359565b156115c257565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600b60248201527f63616c6c6564206261636b0000000000000000000000000000000000000000006044820152fd5b1561162757565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601560248201527f6d6f7265207468616e20746865206465706f73697400000000000000000000006044820152fd5b60043573ffffffffffffffffffffffffffffffffffffffff811681036101fc5790565b60243573ffffffffffffffffffffffffffffffffffffffff811681036101fc5790565b60443573ffffffffffffffffffffffffffffffffffffffff811681036101fc5790565b3573ffffffffffffffffffffffffffffffffffffffff811681036101fc5790565b906dffffffffffffffffffffffffffff809116911603906dffffffffffffffffffffffffffff821161087f57565b916117ed937fffffffffffffffffffffffffffffffffffffffff00000000000000000000000061ffff926dffffffffffffffffffffffffffff6040519560208701977faa944cda97f84edf1ff18a9c4ca3daf60e56a618b59fdcb6053aee2eb66af182895260408801521660608601521660808401521660a0820152610fe460c0828003017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08101835282611359565b90565b156117f757565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601460248201527f6e6f7468696e6720697320636f6d6d69747465640000000000000000000000006044820152fd5b9190820180921161087f57565b357fffffffffffffffffffffffffffffffffffffffff000000000000000000000000811681036101fc5790565b1561189657565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601260248201527f77726f6e67207370656e642073656372657400000000000000000000000000006044820152fd5b156118fb57565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600e60248201527f6f6e6c79207468652070617965720000000000000000000000000000000000006044820152fd5b5f525f60205260405f209063ffffffff600183015460a01c166119ed576dffffffffffffffffffffffffffff8254161561198f57565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601060248201527f6368616e6e656c206e6f74206f70656e000000000000000000000000000000006044820152fd5b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601560248201527f6120636f6d6d6974206973207075626c697368656400000000000000000000006044820152fd5b60405160208101917f190100000000000000000000000000000000000000000000000000000000000083527f00000000000000000000000000000000000000000000000000000000000000006022830152604282015260428152611493606282611359565b92909160418203611cea57816040116101fc576020810135928260401015611cbd57604082013560f81c927f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a08511611c5f57601b84148015611c55575b15611bf7576020116101fc576020935f936080933590604051938452868401526040830152606082015282805260015afa15611bec5773ffffffffffffffffffffffffffffffffffffffff5f51168015159182611bcc575b505015611b6e57565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601460248201527f7369676e6174757265206f6620616e6f746865720000000000000000000000006044820152fd5b73ffffffffffffffffffffffffffffffffffffffff161490505f80611b65565b6040513d5f823e3d90fd5b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600b60248201527f7369676e617475726520760000000000000000000000000000000000000000006044820152fd5b50601c8414611b0d565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601760248201527f7369676e617475726520776974682061206869676820730000000000000000006044820152fd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601060248201527f7369676e6174757265206c656e677468000000000000000000000000000000006044820152fd5b3d15611da0573d9067ffffffffffffffff821161132c5760405191611d9560207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f8401160184611359565b82523d5f602084013e565b606090565b8215611ea25773ffffffffffffffffffffffffffffffffffffffff811615611e2b57611e299273ffffffffffffffffffffffffffffffffffffffff604051937fa9059cbb000000000000000000000000000000000000000000000000000000006020860152166024840152604483015260448252611e24606483611359565b612214565b565b505f80809381935af1611e3c611d48565b5015611e4457565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601a60248201527f74686520726563656976657220726566757365732065746865720000000000006044820152fd5b505050565b919392611eb46004611499565b94611ebe86611959565b946dffffffffffffffffffffffffffff851693611edc8515156117f0565b611ef96dffffffffffffffffffffffffffff885416861115611620565b6004359373ffffffffffffffffffffffffffffffffffffffff851685036101fc577f22b165e482f01ce29b7b382c8c596573f248942501928dfce8e58af0beb538509787611f7a7fffffffffffffffffffffffffffffffffffffffff0000000000000000000000009560019489610e858f8960609f8d9261ffff9f5061173d565b7fffffffff0000000000000000000000000000ffffffffffffffffffffffffffff7bffffffffffffffffffffffffffff000000000000000000000000000083549260701b16911617815501805479ffff0000000000000000000000000000000000000000000000008560c01b16907fffffffffffff0000000000000000000000000000000000000000000000000000848a1c91161777ffffffff00000000000000000000000000000000000000004360a01b1617179055604051948552166020840152166040820152a2565b5f602091604051838101918252838152612061604082611359565b604051918291518091835e8101838152039060025afa15611bec5760205f8051604051838101918252838152612098604082611359565b604051918291518091835e8101838152039060035afa15611bec575f5160601b90565b906120c5916122d8565b8015612151576dffffffffffffffffffffffffffff81116120f3576dffffffffffffffffffffffffffff1690565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601160248201527f6465706f73697420746f6f206c617267650000000000000000000000000000006044820152fd5b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600a60248201527f6e6f206465706f736974000000000000000000000000000000000000000000006044820152fd5b156121b657565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152600b60248201527f6e6f74206120746f6b656e0000000000000000000000000000000000000000006044820152fd5b905f809160208151910182855af161222a611d48565b816122a0575b501561224257611e29903b15156121af565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601560248201527f746f6b656e207472616e73666572206661696c656400000000000000000000006044820152fd5b80518015925082156122b5575b50505f612230565b81925090602091810103126101fc576020015180151581036101fc575f806122ad565b73ffffffffffffffffffffffffffffffffffffffff8116156123ca573461236c578061235a61230961235f93612433565b93604051907f23b872dd000000000000000000000000000000000000000000000000000000006020830152336024830152306044830152606482015260648152612354608482611359565b82612214565b612433565b90810390811161087f5790565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601260248201527f76616c75652077697468206120746f6b656e00000000000000000000000000006044820152fd5b508034036123d55790565b60646040517f08c379a000000000000000000000000000000000000000000000000000000000815260206004820152601760248201527f76616c7565206973206e6f742074686520616d6f756e740000000000000000006044820152fd5b5f809160405160208101907f70a0823100000000000000000000000000000000000000000000000000000000825230602482015260248152612476604482611359565b51915afa612482611d48565b90806124a6575b612492906121af565b6020818051810103126101fc576020015190565b5080516020111561248956'
