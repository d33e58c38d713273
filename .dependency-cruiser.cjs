// The floors and vendors of src. A room imports only from lower floors and from lib, and a vendor
// lives in one room. scripts/check-layers.ts runs these rules and fails on an empty run.

/** Rooms by floor; rooms of one floor are strangers to each other. */
const floors = [
  ['lib'],
  ['store', 'net', 'media'],
  ['chain'],
  ['rails'],
  ['market', 'pool'],
  ['exchange'],
  ['roles'],
  ['node'],
  ['http'],
  ['cli'],
]

/** npm packages that a room alone may import, as regular expressions on the package name. */
const vendors = {
  'lib/crypto': ['secp256k1', '@bitauth/libauth', 'hash-wasm'],
  store: ['level', 'cborg'],
  net: [
    'libp2p',
    '@libp2p/[^/]+',
    '@chainsafe/[^/]+',
    '@multiformats/[^/]+',
    'datastore-level',
    'protons-runtime',
    'uint8arraylist',
  ],
  media: ['node-av', 'hls-parser', 'multiformats', '@ipld/dag-cbor'],
  chain: ['viem'],
  rails: ['canonicalize'],
  node: ['zod', 'yaml'],
  http: ['fastify', '@fastify/[^/]+', 'prom-client'],
  cli: ['commander', 'pino', 'pino-pretty'],
}

/** npm packages that any room may import. */
const commonVendors = ['it-pipe', 'p-limit']

/** An npm package as dependency-cruiser sees it: resolved, its types only, or not resolved. */
const packages = (names) => {
  const types = names.map((name) => name.replace(/^@([^/]+)\//, '$1__'))
  return [
    `(^|/)node_modules/(${names.join('|')})(/|$)`,
    `(^|/)node_modules/@types/(${types.join('|')})(/|$)`,
  ]
}

const floorRules = floors.flatMap((rooms, floor) =>
  rooms.map((room) => {
    const lower = floors.slice(0, floor).flat()
    return {
      name: `floor-${room}`,
      comment: `${room} is on floor ${floor}: it may import itself and the floors below`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: `^src/(${[room, ...lower].join('|')})/` },
    }
  }),
)

const roomPaths = [...Object.keys(vendors), ...floors.flat().filter((room) => !(room in vendors))]

const vendorRules = roomPaths.map((room) => ({
  name: `vendor-${room.replace('/', '-')}`,
  comment: `${room} may import these npm packages: ${[...(vendors[room] ?? []), ...commonVendors].join(' ')}`,
  severity: 'error',
  // lib/crypto has vendors of its own, which the rest of lib may not touch.
  from: { path: `^src/${room}/`, ...(room === 'lib' ? { pathNot: '^src/lib/crypto/' } : {}) },
  to: {
    path: '(^|/)node_modules/',
    pathNot: [
      '(^|/)node_modules/@types/node/',
      ...packages([...(vendors[room] ?? []), ...commonVendors]),
    ],
  },
}))

module.exports = {
  forbidden: [
    ...floorRules,
    ...vendorRules,
    {
      name: 'no-cycle',
      comment: 'nothing goes in a circle, not even through types',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'src-stands-alone',
      comment: 'what ships imports neither tests nor benchmarks nor scripts',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'no-unresolvable',
      comment: 'an import that resolves to nothing escapes every other rule',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'known-room',
      comment: 'a module of src stands in a room that has a floor; only the barrel stands outside',
      severity: 'error',
      from: { path: '^src/', pathNot: [`^src/(${floors.flat().join('|')})/`, '^src/index\\.ts$'] },
      to: {},
    },
    {
      name: 'barrel-is-the-top',
      comment: 'src/index.ts is the face of the library; nothing inside imports it',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/index\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: '(^|/)node_modules/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      mainFields: ['types', 'module', 'main'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.d.ts', '.json'],
    },
  },
}
