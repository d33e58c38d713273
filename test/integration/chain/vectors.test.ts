import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Anvil, startAnvil } from '../../../scripts/lib/anvil.ts'
import {
  expectedOutcome,
  redeemableOf,
  runVector,
  type TicketVector,
} from '../../../scripts/lib/conformance.ts'
import { deployContracts } from '../../../src/chain/deploy.ts'
import { createTicketBroker, type TicketBroker } from '../../../src/chain/ticket-broker.ts'
import { toHex } from '../../../src/lib/bytes.ts'
import file from '../../fixtures/ticketbroker.json' with { type: 'json' }
import { connect } from '../../helpers/chain.ts'

const vectors = file.vectors as readonly unknown[] as readonly TicketVector[]

let anvil: Anvil
let broker: TicketBroker

beforeAll(async () => {
  anvil = await startAnvil()
  const client = await connect(anvil, 0)
  const addresses = await deployContracts(client, { roundLengthSeconds: 1000n })
  broker = createTicketBroker({ client }, { address: addresses.ticketBroker })
})

afterAll(async () => anvil?.stop())

describe.each(vectors)('vector $id', (vector) => {
  test('has the hash that the contract computes', async () => {
    const { ticket } = redeemableOf(vector)
    expect(toHex(await broker.ticketHash(ticket))).toBe(vector.ticketHash)
  })

  test('has the outcome that it had on its own chain', async () => {
    const { differs, ...expected } = expectedOutcome(vector)
    expect(differs).toBeNull()
    expect(await runVector(vector)).toEqual(expected)
  })
})
