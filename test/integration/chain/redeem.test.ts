import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ticketBrokerAbi } from '../../../src/chain/abi/ticket-broker.ts'
import type { ChainTicket, RedeemableTicket } from '../../../src/chain/ticket-broker.ts'
import { concatBytes, toHex, u256 } from '../../../src/lib/bytes.ts'
import type { Address } from '../../../src/lib/crypto/address.ts'
import { keccak256 } from '../../../src/lib/crypto/keccak.ts'
import {
  always,
  bondOrchestrator,
  ether,
  type Party,
  packedTicketHash,
  signTicket,
  startTestChain,
  type TestChain,
  winningTicket,
} from '../../helpers/chain.ts'

const nobody: Address = '0x0000000000000000000000000000000000000000'
const insufficient = 'sender deposit and reserve insufficient to cover ticket face value'

let chain: TestChain
let operator: Party
let sender: Party
let recipient: Party
let unregistered: Party
let parties: { sender: Party; recipient: Party }

beforeAll(async () => {
  chain = await startTestChain()
  operator = await chain.party(0)
  sender = await chain.party(1)
  recipient = await chain.party(2)
  unregistered = await chain.party(3)
  parties = { sender, recipient }
  await bondOrchestrator(operator, recipient, ether(100))
  await chain.nextRound()
  await sender.broker.fundDepositAndReserve(ether(1), ether(1), sender.fresh())
})

beforeEach(async () => chain.checkpoint())

afterAll(async () => chain?.stop())

async function reason(redeemable: RedeemableTicket): Promise<string> {
  const outcome = await recipient.broker.simulateRedeem(redeemable)
  return outcome.ok ? 'accepted' : outcome.error.reason
}

/** A ticket with fields replaced before it is signed. */
async function altered(fields: Partial<ChainTicket>): Promise<string> {
  return reason(await winningTicket(parties, fields))
}

/** A ticket with its signature replaced. */
async function signedAs(change: (sig: Uint8Array) => Uint8Array): Promise<string> {
  const redeemable = await winningTicket(parties)
  return reason({ ...redeemable, sig: change(redeemable.sig) })
}

describe('redeemWinningTicket', () => {
  test('pays the whole face value from the deposit and marks the ticket used', async () => {
    const redeemable = await winningTicket(parties)
    const hash = packedTicketHash(redeemable.ticket)
    expect(await recipient.broker.ticketHash(redeemable.ticket)).toEqual(hash)
    const receipt = await recipient.broker.redeemWinningTicket(redeemable, recipient.fresh())
    expect(await recipient.broker.isUsedTicket(hash)).toBe(true)
    expect(await recipient.broker.pendingFees(recipient.address)).toBe(ether(0.01))
    expect((await recipient.broker.senderInfo(sender.address)).deposit).toBe(ether(0.99))
    const at = { fromBlock: receipt.blockNumber, toBlock: receipt.blockNumber }
    expect(await recipient.broker.events(at)).toMatchObject([
      { type: 'WinningTicketTransfer', amount: ether(0.01), sender: sender.address },
      {
        type: 'WinningTicketRedeemed',
        recipient: recipient.address,
        recipientRand: redeemable.recipientRand,
        auxData: redeemable.ticket.auxData,
      },
    ])
  })

  test('can be called by anyone, to the credit of the recipient', async () => {
    const redeemable = await winningTicket(parties)
    await unregistered.broker.redeemWinningTicket(redeemable, unregistered.fresh())
    expect(await recipient.broker.pendingFees(recipient.address)).toBe(ether(0.01))
  })

  test('refuses with the reasons of the protocol', async () => {
    const round = await sender.rounds.lastInitializedRound()
    const hash = await sender.rounds.blockHashForRound(round)
    const short = concatBytes(u256(round), hash).subarray(0, 63)
    expect(await altered({ recipient: nobody })).toBe('ticket recipient is null address')
    expect(await altered({ sender: nobody })).toBe('ticket sender is null address')
    expect(await altered({ auxData: short })).toBe(
      'invalid length for ticket auxData: must be 64 bytes',
    )
    expect(await altered({ auxData: concatBytes(u256(round + 1n), hash) })).toBe(
      'ticket creationRound does not have a block hash',
    )
    expect(await altered({ auxData: concatBytes(u256(2n ** 256n - 1n), hash) })).toBe(
      'ticket creationRound does not have a block hash',
    )
    expect(await altered({ auxData: concatBytes(u256(round), keccak256(hash)) })).toBe(
      'ticket creationRoundBlockHash invalid for creationRound',
    )
    expect(await altered({ recipientRandHash: keccak256(hash) })).toBe(
      'recipientRand does not match recipientRandHash',
    )
    expect(await altered({ winProb: 0n })).toBe('ticket did not win')
    expect(await altered({ recipient: unregistered.address })).toBe('transcoder must be registered')
  })

  test('refuses every other form of a signature', async () => {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    expect(await signedAs((sig) => sig.subarray(0, 64))).toBe('INVALID_SIGNATURE_LENGTH')
    expect(await signedAs((sig) => concatBytes(sig, Uint8Array.of(0)))).toBe(
      'INVALID_SIGNATURE_LENGTH',
    )
    const twin = await signedAs((sig) => {
      const s = BigInt(toHex(sig.subarray(32, 64)))
      return concatBytes(sig.subarray(0, 32), u256(order - s), Uint8Array.of(55 - (sig[64] ?? 0)))
    })
    expect(twin).toBe("ECDSA: invalid signature 's' value")
    const lowV = await signedAs((sig) => sig.with(64, (sig[64] ?? 0) - 27))
    expect(lowV).toBe("ECDSA: invalid signature 'v' value")
    const noPoint = await signedAs((sig) => concatBytes(new Uint8Array(32), sig.subarray(32)))
    expect(noPoint).toBe('ECDSA: invalid signature')
    const flipped = await signedAs((sig) => sig.with(64, 55 - (sig[64] ?? 0)))
    expect(flipped).toBe('invalid signature over ticket hash')
    const redeemable = await winningTicket(parties)
    const stranger = { ...redeemable, sig: signTicket(recipient.signer, redeemable.ticket) }
    expect(await reason(stranger)).toBe('invalid signature over ticket hash')
  })

  test('wins only strictly below the probability', async () => {
    const redeemable = await winningTicket(parties, { winProb: always })
    const drawOf = ({ sig, recipientRand }: RedeemableTicket): bigint =>
      BigInt(toHex(keccak256(sig, u256(recipientRand))))
    expect(drawOf(redeemable) < always).toBe(true)
    // The draw depends on the probability through the signature: search one that just misses.
    const half = 2n ** 255n
    const tries = await Promise.all(
      Array.from({ length: 24 }, async () => winningTicket(parties, { winProb: half })),
    )
    const outcomes = await Promise.all(tries.map(reason))
    expect(outcomes).toEqual(
      tries.map((one) => (drawOf(one) < half ? 'accepted' : 'ticket did not win')),
    )
  })

  test('pays a ticket once', async () => {
    const redeemable = await winningTicket(parties)
    await recipient.broker.redeemWinningTicket(redeemable, recipient.fresh())
    expect(await reason(redeemable)).toBe('ticket is used')
  })

  test('checks in the order of the protocol', async () => {
    // Each ticket has every fault from one point of the order on: the first decides.
    const round = await sender.rounds.lastInitializedRound()
    const worst: Partial<ChainTicket> = {
      recipient: nobody,
      sender: nobody,
      auxData: new Uint8Array(1),
      recipientRandHash: new Uint8Array(32),
      winProb: 0n,
    }
    const mends: [string, Partial<ChainTicket>][] = [
      ['ticket recipient is null address', {}],
      ['ticket sender is null address', { recipient: unregistered.address }],
      ['invalid length for ticket auxData: must be 64 bytes', { sender: unregistered.address }],
      ['ticket creationRound does not have a block hash', { auxData: new Uint8Array(64) }],
      [
        'ticket creationRoundBlockHash invalid for creationRound',
        { auxData: concatBytes(u256(round), new Uint8Array(32)) },
      ],
      [
        'recipientRand does not match recipientRandHash',
        { auxData: concatBytes(u256(round), await sender.rounds.blockHashForRound(round)) },
      ],
    ]
    let ticket = (await winningTicket(parties, worst)).ticket
    const sig = new Uint8Array(64)
    for (const [expected, mend] of mends) {
      ticket = { ...ticket, ...mend }
      expect(await reason({ ticket, sig, recipientRand: 1n })).toBe(expected)
    }
    ticket = { ...ticket, recipientRandHash: keccak256(u256(1n)) }
    const unsigned = { ticket, sig, recipientRand: 1n }
    expect(await reason(unsigned)).toBe('INVALID_SIGNATURE_LENGTH')
    const signed = { ...unsigned, sig: signTicket(unregistered.signer, ticket) }
    expect(await reason(signed)).toBe('ticket did not win')
    const winning = { ...ticket, winProb: always }
    const won = { ...signed, ticket: winning, sig: signTicket(unregistered.signer, winning) }
    expect(await reason(won)).toBe('sender deposit and reserve are zero')
    await operator.broker.fundDepositAndReserveFor(
      unregistered.address,
      winning.faceValue - 1n,
      0n,
      operator.fresh(),
    )
    expect(await reason(won)).toBe(insufficient)
    await operator.broker.fundDepositAndReserveFor(unregistered.address, 1n, 0n, operator.fresh())
    expect(await reason(won)).toBe('transcoder must be registered')
    await unregistered.broker.unlock(unregistered.fresh())
    await chain.nextRound()
    expect(await reason(won)).toBe('transcoder must be registered')
    await chain.cheat.increaseTime({ seconds: 1000 })
    await chain.cheat.mine({ blocks: 1 })
    expect(await reason(won)).toBe('current round is not initialized')
    const account = operator.address
    const to = { abi: ticketBrokerAbi, address: operator.broker.address, account, chain: null }
    await chain.cheat.writeContract({ ...to, functionName: 'pause' })
    expect(await reason(won)).toBe('system is paused')
    await chain.cheat.writeContract({ ...to, functionName: 'unpause' })
    await operator.rounds.initializeRound(operator.fresh())
    expect(await reason(won)).toBe('ticket is expired')
    const newer = await sender.rounds.lastInitializedRound()
    const auxData = concatBytes(u256(newer), await sender.rounds.blockHashForRound(newer))
    const late = { ...winning, auxData }
    const unlocked = { ...won, ticket: late, sig: signTicket(unregistered.signer, late) }
    expect(await reason(unlocked)).toBe('sender is unlocked')
  })

  test('takes a ticket of this round and of the previous one, and none older', async () => {
    const first = await winningTicket(parties)
    const second = await winningTicket(parties)
    await chain.nextRound()
    await recipient.broker.redeemWinningTicket(first, recipient.fresh())
    await chain.nextRound()
    expect(await reason(second)).toBe('ticket is expired')
  })

  test('S40 keeps fees apart by the creation round, whenever tickets are redeemed', async () => {
    const { broker, address, bonding } = recipient
    const created = await sender.rounds.lastInitializedRound()
    const early = await winningTicket(parties, { faceValue: 5n })
    const late = await winningTicket(parties, { faceValue: 7n })
    // Stake may change with the next round.
    await bonding.bond(0n, recipient.fresh())
    await broker.redeemWinningTicket(early, recipient.fresh())
    await chain.nextRound()
    const next = await winningTicket(parties, { faceValue: 11n })
    const nextLate = await winningTicket(parties, { faceValue: 13n })
    await broker.redeemWinningTicket(next, recipient.fresh())
    await broker.redeemWinningTicket(late, recipient.fresh())
    const sums = { boundary: created + 1n, newest: 11n, before: 12n, earlier: 0n }
    expect(await broker.uncollectedFees(address)).toEqual(sums)
    await bonding.bond(0n, recipient.fresh())
    const empty = { boundary: created + 2n, newest: 0n, before: 0n, earlier: 0n }
    expect(await broker.uncollectedFees(address)).toEqual(empty)
    await broker.redeemWinningTicket(nextLate, recipient.fresh())
    expect(await broker.uncollectedFees(address)).toEqual({ ...empty, before: 13n })
    expect(await broker.pendingFees(address)).toBe(36n)
  })

  test('pays fees out to any address, never more than there are', async () => {
    await recipient.broker.redeemWinningTicket(await winningTicket(parties), recipient.fresh())
    const { broker } = recipient
    const target: Address = '0x00000000000000000000000000000000DeaDBeef'
    await expect(
      broker.withdrawFees(target, ether(0.01) + 1n, recipient.fresh()),
    ).rejects.toMatchObject({
      code: 'TX_REVERTED',
      meta: { reason: 'insufficient fees to withdraw' },
    })
    await broker.withdrawFees(target, ether(0.004), recipient.fresh())
    await broker.withdrawFees(target, ether(0.006), recipient.fresh())
    expect(await recipient.client.balance(target)).toBe(ether(0.01))
    expect(await broker.pendingFees(recipient.address)).toBe(0n)
    expect(await broker.isRegistered(recipient.address)).toBe(true)
  })
})

describe('batchRedeemWinningTickets', () => {
  test('pays the good tickets, leaves the bad ones unused', async () => {
    const good = [await winningTicket(parties), await winningTicket(parties)]
    const losing = await winningTicket(parties, { winProb: 0n })
    const tooLarge = await winningTicket(parties, { faceValue: ether(1000) })
    const [one, two] = good as [RedeemableTicket, RedeemableTicket]
    const batch = [one, losing, tooLarge, two, one]
    await recipient.broker.batchRedeemWinningTickets(batch, recipient.fresh())
    const used = batch.map(async ({ ticket }) =>
      recipient.broker.isUsedTicket(packedTicketHash(ticket)),
    )
    expect(await Promise.all(used)).toEqual([true, false, false, true, true])
    expect(await recipient.broker.pendingFees(recipient.address)).toBe(ether(0.02))
  })

  test('reverts as a whole when a signature is missing', async () => {
    const { ticket, sig, recipientRand } = await winningTicket(parties)
    const chainTicket = {
      ...ticket,
      recipientRandHash: toHex(ticket.recipientRandHash),
      auxData: toHex(ticket.auxData),
    }
    const call = chain.cheat.simulateContract({
      address: recipient.broker.address,
      abi: ticketBrokerAbi,
      functionName: 'batchRedeemWinningTickets',
      args: [[chainTicket, chainTicket], [toHex(sig)], [recipientRand, recipientRand]],
    })
    await expect(call).rejects.toThrow('batch lacks a signature or a recipientRand')
  })
})
