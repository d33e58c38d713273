// Generated from contracts/ by scripts/build-contracts.ts. Do not edit.
import type { Hex } from '../../lib/bytes.ts'

/** Interface of ServiceRegistry.sol. */
export const serviceRegistryAbi = [
  {
    anonymous: false,
    inputs: [
      {
        indexed: true,
        name: 'addr',
        type: 'address',
      },
      {
        indexed: false,
        name: 'serviceURI',
        type: 'string',
      },
    ],
    name: 'ServiceURIUpdate',
    type: 'event',
  },
  {
    inputs: [
      {
        name: 'addr',
        type: 'address',
      },
    ],
    name: 'getServiceURI',
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
    inputs: [
      {
        name: 'serviceURI',
        type: 'string',
      },
    ],
    name: 'setServiceURI',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
] as const

/** Creation code of ServiceRegistry.sol. */
export const serviceRegistryBytecode: Hex =
  '0x608080604052346015576104a7908161001a8239f35b5f80fdfe6080806040526004361015610012575f80fd5b5f3560e01c908163214c2a4b146102a15750635f11301b14610032575f80fd5b3461029d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261029d5760043567ffffffffffffffff811161029d573660238201121561029d57806004013567ffffffffffffffff811161029d57366024828401011161029d57335f525f60205260405f20916100b48354610456565b601f811161024c575b505f92601f831160011461018757827ffbb63068732c85741c9f8e61caffaabe038d577bfafd2d2dcc0e352a4f653a4c93945f91610179575b508460011b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8660031b1c19161790555b82602460405192602084528260208501520160408301375f604084830101526040817fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f339601168101030190a2005b60249150830101355f6100f6565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0831693815f5260205f20905f5b8681106102315750847ffbb63068732c85741c9f8e61caffaabe038d577bfafd2d2dcc0e352a4f653a4c9596106101f6575b5050600184811b019055610128565b60247fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff60f88860031b161c1991850101351690555f806101e7565b909160206001819260248689010135815501930191016101b5565b828111156100bd57835f5260205f20601f840160051c9060208510610295575b81601f9101920160051c03905f5b8281106102885750506100bd565b5f8282015560010161027a565b5f915061026c565b5f80fd5b3461029d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261029d5760043573ffffffffffffffffffffffffffffffffffffffff811680910361029d575f525f60205260405f20815f82549261030984610456565b9081845260208401946001811690815f1461041c57506001146103de575b505003601f017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe01682019167ffffffffffffffff8311818410176103b1577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f6040938593848652602085525180918160208701528686015e5f85828601015201168101030190f35b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b5f908152602081209092505b818310610400575050810160200181601f610327565b60209193508060019154838589010152019101909184926103ea565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff001686525050151560051b8201602001905081601f610327565b90600182811c9216801561049d575b602083101461047057565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602260045260245ffd5b91607f169161046556'
