import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import * as faults from '../../../src/rails/ticket/faults.ts'

const src = fileURLToPath(new URL('../../../src/', import.meta.url))

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
}

/** What the library exports: each name with the module that has it. */
function readExports(): ReadonlyMap<string, string> {
  const exports = new Map<string, string>()
  for (const statement of parse(join(src, 'index.ts')).statements) {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) continue
    const from = (statement.moduleSpecifier as ts.StringLiteral).text
    const clause = statement.exportClause
    if (clause === undefined || !ts.isNamedExports(clause)) continue
    for (const { name } of clause.elements) exports.set(name.text, resolve(src, from))
  }
  return exports
}

const exported = readExports()

/** The interfaces and aliases a module can name, with the module they stand in. */
function declarationOf(name: string, file: string): { node: ts.Node; file: string } | undefined {
  for (const statement of parse(file).statements) {
    const isDeclared = ts.isInterfaceDeclaration(statement) || ts.isFunctionDeclaration(statement)
    if (isDeclared && statement.name?.text === name) return { node: statement, file }
    if (!ts.isImportDeclaration(statement)) continue
    const bindings = statement.importClause?.namedBindings
    if (bindings === undefined || !ts.isNamedImports(bindings)) continue
    if (!bindings.elements.some((element) => element.name.text === name)) continue
    const from = (statement.moduleSpecifier as ts.StringLiteral).text
    return declarationOf(name, resolve(dirname(file), from))
  }
  return undefined
}

/** The members of an interface, those it inherits included; `Pick` gives the names it lists. */
function membersOf(name: string, file: string): Set<string> {
  const found = declarationOf(name, file)
  if (found === undefined || !ts.isInterfaceDeclaration(found.node)) return new Set()
  const members = new Set(found.node.members.map((member) => member.name?.getText() ?? ''))
  for (const clause of found.node.heritageClauses ?? []) {
    for (const parent of clause.types) {
      const picked = parent.typeArguments?.[1]
      if (picked === undefined) {
        for (const one of membersOf(parent.expression.getText(), found.file)) members.add(one)
      } else {
        const visit = (node: ts.Node): void => {
          if (ts.isStringLiteral(node)) members.add(node.text)
          ts.forEachChild(node, visit)
        }
        visit(picked)
      }
    }
  }
  return members
}

/**
 * The index of the documentation of the pm package, and what each entry is here: the name alone
 * when only its case differs. Methods of a value that is plain data are functions over it.
 */
const index: readonly (readonly [documented: string, here?: string])[] = [
  // Functions
  ['RandAddress', 'randAddress'],
  ['RandBytes', 'randBytes'],
  ['RandHash', 'randHash'],
  ['NewRecipient', 'createRecipient'],
  ['NewRecipientWithSecret', 'recipientSecretFrom'],
  ['NewSender', 'createSender'],
  ['NewSenderMonitor', 'createSenderMonitor'],
  ['NewTicket', 'ticketOf'],
  ['NewValidator', 'createValidator'],
  // Errors
  ['ErrTicketParamsExpired', 'isTicketParamsExpired'],
  ['ErrSenderValidation', 'isSenderValidationFault'],
  ['FatalReceiveErr', 'isFatalReceiveFault'],
  // The broker
  ['Broker'],
  ['Broker.FundDepositAndReserve'],
  ['Broker.FundDeposit'],
  ['Broker.FundReserve'],
  ['Broker.Unlock'],
  ['Broker.CancelUnlock'],
  ['Broker.Withdraw'],
  ['Broker.RedeemWinningTicket'],
  ['Broker.IsUsedTicket'],
  ['Broker.CheckTx'],
  // What tickets are made of
  ['Ticket'],
  ['Ticket.Recipient'],
  ['Ticket.Sender'],
  ['Ticket.FaceValue'],
  ['Ticket.WinProb'],
  ['Ticket.SenderNonce'],
  ['Ticket.RecipientRandHash'],
  ['Ticket.CreationRound'],
  ['Ticket.CreationRoundBlockHash'],
  ['Ticket.ParamsExpirationBlock'],
  ['Ticket.Hash', 'ticketHash'],
  ['Ticket.AuxData', 'auxData'],
  ['Ticket.EV', 'ticketEv'],
  ['Ticket.WinProbRat', 'winProbRatio'],
  ['SignedTicket'],
  ['SignedTicket.Sig'],
  ['SignedTicket.RecipientRand'],
  ['TicketBatch'],
  ['TicketBatch.Sender'],
  ['TicketBatch.SenderParams'],
  ['TicketBatch.Tickets', 'ticketsOf'],
  ['TicketParams'],
  ['TicketParams.Recipient'],
  ['TicketParams.FaceValue'],
  ['TicketParams.WinProb'],
  ['TicketParams.RecipientRandHash'],
  ['TicketParams.Seed'],
  ['TicketParams.ExpirationBlock'],
  ['TicketParams.ExpirationParams'],
  ['TicketParams.WinProbRat', 'winProbRatio'],
  ['TicketExpirationParams'],
  ['TicketExpirationParams.CreationRound'],
  ['TicketExpirationParams.CreationRoundBlockHash'],
  ['TicketExpirationParams.AuxData', 'auxData'],
  ['TicketSenderParams'],
  ['TicketSenderParams.SenderNonce'],
  ['TicketSenderParams.Sig'],
  ['TicketParamsConfig'],
  ['TicketParamsConfig.EV', 'TicketParamsConfig.minEv'],
  ['TicketParamsConfig.RedeemGas'],
  ['TicketParamsConfig.TxCostMultiplier'],
  // Sender
  ['Sender'],
  ['Sender.StartSession'],
  ['Sender.CreateTicketBatch'],
  ['Sender.ValidateTicketParams'],
  ['Sender.EV', 'Sender.ev'],
  ['Sender.maxEV', 'SenderInit.maxEv'],
  ['Sender.maxTotalEV', 'SenderInit.maxTotalEv'],
  ['Sender.depositMultiplier', 'SenderInit.depositMultiplier'],
  ['Signer', 'WalletSigner'],
  ['Signer.Sign', 'WalletSigner.signMessage'],
  ['Signer.Account', 'WalletSigner.address'],
  // Recipient
  ['Recipient'],
  ['Recipient.TicketParams'],
  ['Recipient.ReceiveTicket'],
  ['Recipient.RedeemWinningTicket'],
  ['Recipient.RedeemWinningTickets'],
  ['Recipient.TxCostMultiplier'],
  ['Recipient.EV', 'Recipient.ev'],
  ['Recipient.SetMaxFaceValue'],
  ['Validator'],
  ['Validator.ValidateTicket'],
  ['Validator.IsWinningTicket'],
  ['SigVerifier'],
  ['SigVerifier.Verify'],
  ['DefaultSigVerifier', 'createSigVerifier'],
  // What is known of senders
  ['SenderMonitor'],
  ['LocalSenderMonitor', 'createSenderMonitor'],
  ['LocalSenderMonitorConfig', 'SenderMonitorComponents'],
  ['LocalSenderMonitorConfig.Claimant', 'SenderMonitorComponents.claimant'],
  ['SenderMonitor.Start'],
  ['SenderMonitor.Stop'],
  ['SenderMonitor.QueueTicket'],
  ['SenderMonitor.MaxFloat'],
  ['SenderMonitor.ValidateSender'],
  ['SenderMonitor.SubscribeMaxFloatChange'],
  ['SenderManager'],
  ['SenderManager.GetSenderInfo'],
  ['SenderManager.ClaimedReserve'],
  ['SenderManager.Clear'],
  ['SenderManager.SubscribeReserveChange'],
  ['SenderInfo'],
  ['SenderInfo.Deposit'],
  ['SenderInfo.WithdrawRound'],
  ['SenderInfo.Reserve'],
  ['ReserveInfo'],
  ['ReserveInfo.FundsRemaining'],
  ['ReserveInfo.ClaimedInCurrentRound'],
  // Winners
  ['TicketStore'],
  ['TicketStore.SelectEarliestWinningTicket'],
  ['TicketStore.RemoveWinningTicket'],
  ['TicketStore.StoreWinningTicket'],
  ['TicketStore.MarkWinningTicketRedeemed'],
  ['TicketStore.WinningTicketCount'],
  ['TicketStore.IsOrchActive'],
  ['RedeemableEmitter'],
  ['RedeemableEmitter.Redeemable'],
  // The chain
  ['GasPriceMonitor'],
  ['GasPriceMonitor.GasPrice'],
  ['TimeManager'],
  ['TimeManager.LastInitializedRound'],
  // There may be no second layer to tell an L1 from.
  ['TimeManager.LastInitializedL1BlockHash', 'TimeManager.lastInitializedBlockHash'],
  ['TimeManager.PreLastInitializedL1BlockHash', 'TimeManager.preLastInitializedBlockHash'],
  ['TimeManager.GetTranscoderPoolSize', 'TimeManager.poolSize'],
  ['TimeManager.LastSeenL1Block', 'TimeManager.lastSeenBlock'],
  ['TimeManager.SubscribeRounds', 'TimeManager.onRound'],
  ['TimeManager.SubscribeL1Blocks', 'TimeManager.onBlock'],
]

/** `Broker.FundDeposit` as it is written here when nothing else is said. */
function inOurCase(documented: string): string {
  const [type, member] = documented.split('.')
  return member === undefined
    ? documented
    : `${type}.${member.slice(0, 1).toLowerCase()}${member.slice(1)}`
}

describe('the pm documentation', () => {
  test.each(index.map(([documented, here]) => [documented, here ?? inOurCase(documented)]))(
    '%s is %s',
    (_documented, here) => {
      const [name = '', member] = here.split('.')
      const file = exported.get(name)
      expect(file, `${name} is exported`).toBeDefined()
      expect(declarationOf(name, file as string), `${name} is declared`).toBeDefined()
      if (member !== undefined) expect(membersOf(name, file as string)).toContain(member)
    },
  )

  test('its kinds of error are told apart by class and code', () => {
    const fault = (...of: Parameters<typeof faults.refuse>) => {
      const refused = faults.refuse(...of)
      if (refused.ok) throw new Error('not refused')
      const { error } = refused
      return [
        faults.isTicketParamsExpired(error),
        faults.isSenderValidationFault(error),
        faults.isFatalReceiveFault(error),
      ]
    }
    expect(fault('new-params', 'PARAMS_EXPIRED', '')).toEqual([true, false, false])
    expect(fault('underfunded', 'NO_DEPOSIT', '')).toEqual([false, true, false])
    expect(fault('fatal', 'WRONG_SIGNER', '')).toEqual([false, false, true])
    expect(fault('limit', 'EV_TOO_HIGH', '')).toEqual([false, false, false])
  })
})
