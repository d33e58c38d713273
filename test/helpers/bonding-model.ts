/** What a deployment of the model mints. */
export interface ModelInit {
  readonly inflation: bigint
  readonly inflationChange: bigint
  readonly targetBondingRate: bigint
  readonly unbondingPeriod: bigint
  readonly supply: bigint
}

/** Shares, per million. */
export interface ModelShares {
  readonly rewardCut: bigint
  readonly feeShare: bigint
}

interface Account {
  delegate: string | null
  /** Stake that was there when the round began. */
  held: bigint
  /** Stake that counts from the next round on. */
  fresh: bigint
  fees: bigint
  readonly locks: ({ readonly amount: bigint; readonly due: bigint } | null)[]
}

/** Who had how much where, and under which shares, when a round began. */
interface Snapshot {
  readonly stakes: ReadonlyMap<string, { readonly delegate: string; readonly stake: bigint }>
  readonly shares: ReadonlyMap<string, ModelShares>
  readonly active: ReadonlySet<string>
  readonly activeStake: bigint
}

const PARTS = 1_000_000n
const BILLION = 1_000_000_000n
/** Amounts are kept in this part of their unit, so that divisions lose next to nothing. */
const FINE = 10n ** 18n
const noShares: ModelShares = { rewardCut: 0n, feeShare: 0n }

/**
 * Bonding as the rules say it: every account's stake is a number, every round's stakes are written down,
 * and rewards, fees and penalties are divided one account after the other. No factors, no laziness, and
 * a pool without an end. Tells what happened by returning whether the contract would do it.
 */
export class BondingModel {
  readonly #init: ModelInit
  readonly #accounts = new Map<string, Account>()
  readonly #shares = new Map<string, ModelShares>()
  readonly #rewarded = new Set<string>()
  readonly #rounds = new Map<bigint, Snapshot>()
  /** The first round it knows. */
  readonly firstRound: bigint
  #round = 0n
  #inflation: bigint
  #supply: bigint
  /** What all can mint; known once something is done in the round. */
  #mintable: bigint | null = null

  constructor(init: ModelInit, accounts: readonly string[], round: bigint) {
    this.#init = init
    this.#inflation = init.inflation
    this.#supply = init.supply
    for (const account of accounts) {
      this.#accounts.set(account, { delegate: null, held: 0n, fresh: 0n, fees: 0n, locks: [] })
    }
    this.firstRound = round
    this.startRound(round)
  }

  get supply(): bigint {
    return this.#supply
  }

  /** Tokens of an account, rewards included; rounded down like everything that is told. */
  stakeOf(account: string): bigint {
    const { held, fresh } = this.#of(account)
    return (held + fresh) / FINE
  }

  delegateOf(account: string): string | null {
    return this.#of(account).delegate
  }

  feesOf(account: string): bigint {
    return this.#of(account).fees / FINE
  }

  totalOf(orchestrator: string): bigint {
    return this.#total(orchestrator) / FINE
  }

  sharesIn(orchestrator: string, round: bigint): ModelShares {
    return this.#rounds.get(round)?.shares.get(orchestrator) ?? noShares
  }

  lockOf(account: string, id: number): { readonly amount: bigint; readonly due: bigint } | null {
    return this.#of(account).locks[id] ?? null
  }

  isRegistered(orchestrator: string): boolean {
    return this.#of(orchestrator).delegate === orchestrator
  }

  startRound(round: bigint): void {
    this.#round = round
    this.#mintable = null
    this.#rewarded.clear()
    const stakes = new Map<string, { delegate: string; stake: bigint }>()
    for (const [name, account] of this.#accounts) {
      account.held += account.fresh
      account.fresh = 0n
      if (account.delegate !== null) {
        stakes.set(name, { delegate: account.delegate, stake: account.held })
      }
    }
    const active = new Set([...this.#accounts.keys()].filter((name) => this.#inPool(name)))
    const activeStake = [...active].reduce((sum, name) => sum + this.totalOf(name), 0n)
    this.#rounds.set(round, {
      stakes,
      shares: new Map(this.#shares),
      active,
      activeStake,
    })
  }

  bond(name: string, to: string, amount: bigint): boolean {
    const account = this.#of(name)
    const moves = account.delegate !== null && account.delegate !== to
    if (to !== name && !this.isRegistered(to)) return false
    if (moves && account.delegate === name) return false
    const stays = account.delegate === to
    if (!stays && amount + this.stakeOf(name) === 0n) return false
    this.#enter()
    if (moves) {
      account.fresh += account.held
      account.held = 0n
    }
    account.delegate = to
    account.fresh += amount * FINE
    return true
  }

  unbond(name: string, amount: bigint): boolean {
    const account = this.#of(name)
    const stake = this.stakeOf(name)
    if (account.delegate === null || amount === 0n || amount > stake) return false
    if (amount === stake) return this.leave(name, stake)
    this.#enter()
    account.locks.push({ amount, due: this.#round + this.#init.unbondingPeriod })
    const fine = amount * FINE
    const fresh = fine < account.fresh ? fine : account.fresh
    account.fresh -= fresh
    account.held -= fine - fresh
    return true
  }

  /** Unbonds everything, as the contract counts it: rounding may have made it a little less. */
  leave(name: string, stake: bigint): boolean {
    const account = this.#of(name)
    if (account.delegate === null || stake === 0n) return false
    this.#enter()
    account.locks.push({ amount: stake, due: this.#round + this.#init.unbondingPeriod })
    account.delegate = null
    account.held = 0n
    account.fresh = 0n
    return true
  }

  rebond(name: string, id: number, to: string | null): boolean {
    const account = this.#of(name)
    const lock = account.locks[id]
    const target = to ?? account.delegate
    if (target === null || lock === undefined || lock === null) return false
    if (to !== null && account.delegate !== null) return false
    if (target !== name && !this.isRegistered(target)) return false
    this.#enter()
    account.locks[id] = null
    account.delegate = target
    account.fresh += lock.amount * FINE
    return true
  }

  withdraw(name: string, id: number): boolean {
    const { locks } = this.#of(name)
    const lock = locks[id]
    if (lock === undefined || lock === null || lock.due > this.#round) return false
    locks[id] = null
    return true
  }

  setShares(name: string, { rewardCut, feeShare }: ModelShares): boolean {
    if (!this.isRegistered(name)) return false
    this.#enter()
    this.#shares.set(name, { rewardCut, feeShare })
    return true
  }

  reward(name: string): boolean {
    const { active, activeStake } = this.#now()
    if (!this.isRegistered(name) || !active.has(name) || this.#rewarded.has(name)) return false
    this.#rewarded.add(name)
    const mintable = this.#enter()
    const staying = this.#sum(name, ({ held }) => held)
    const atStart = this.#stakeIn(this.#round, name)
    const counted = (staying < atStart ? staying : atStart) / FINE
    const minted = (mintable * ((counted * BILLION) / activeStake)) / BILLION
    const { rewardCut } = this.sharesIn(name, this.#round)
    const commission = (minted * rewardCut) / PARTS
    const shared = (minted - commission) * FINE
    for (const account of this.#bondedTo(name)) {
      if (staying > 0n) account.held += (shared * account.held) / staying
    }
    this.#of(name).held += commission * FINE
    this.#supply += minted
    return true
  }

  /** Gives the penalty. */
  slash(name: string, perMillion: bigint, finderFee: bigint): bigint {
    this.#enter()
    const before = this.totalOf(name)
    for (const account of this.#bondedTo(name)) {
      account.held -= (account.held * perMillion) / PARTS
      account.fresh -= (account.fresh * perMillion) / PARTS
    }
    const penalty = before - this.totalOf(name)
    this.#supply -= penalty - (penalty * finderFee) / PARTS
    return penalty
  }

  /** Fees of a ticket by its creation round. */
  earn(name: string, amount: bigint, round: bigint): boolean {
    if (!this.isRegistered(name)) return false
    const total = this.#stakeIn(round, name)
    const { feeShare } = this.sharesIn(name, round)
    const shared = total / FINE > BILLION ? (amount * feeShare) / PARTS : 0n
    this.#of(name).fees += (amount - shared) * FINE
    for (const [owner, { delegate, stake }] of this.#rounds.get(round)?.stakes ?? []) {
      if (delegate === name && shared > 0n) {
        this.#of(owner).fees += (shared * FINE * stake) / total
      }
    }
    return true
  }

  withdrawFees(name: string, amount: bigint): void {
    this.#of(name).fees -= amount * FINE
  }

  #of(name: string): Account {
    const account = this.#accounts.get(name)
    if (account === undefined) throw new Error(`no account ${name}`)
    return account
  }

  #now(): Snapshot {
    return this.#rounds.get(this.#round) as Snapshot
  }

  #inPool(name: string): boolean {
    return this.isRegistered(name) && this.totalOf(name) > 0n
  }

  #bondedTo(orchestrator: string): Account[] {
    return [...this.#accounts.values()].filter(({ delegate }) => delegate === orchestrator)
  }

  #sum(orchestrator: string, part: (account: Account) => bigint): bigint {
    return this.#bondedTo(orchestrator).reduce((sum, account) => sum + part(account), 0n)
  }

  #total(orchestrator: string): bigint {
    return this.#sum(orchestrator, ({ held, fresh }) => held + fresh)
  }

  #stakeIn(round: bigint, orchestrator: string): bigint {
    let sum = 0n
    for (const { delegate, stake } of this.#rounds.get(round)?.stakes.values() ?? []) {
      if (delegate === orchestrator) sum += stake
    }
    return sum
  }

  /** Inflation steps once in every round in which something is done. */
  #enter(): bigint {
    if (this.#mintable !== null) return this.#mintable
    const { inflationChange, targetBondingRate } = this.#init
    const rate = (this.#now().activeStake * BILLION) / this.#supply
    if (rate < targetBondingRate) this.#inflation += inflationChange
    else if (rate > targetBondingRate) this.#inflation -= inflationChange
    if (this.#inflation < 0n) this.#inflation = 0n
    this.#mintable = (this.#supply * this.#inflation) / BILLION
    return this.#mintable
  }
}
