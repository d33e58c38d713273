import type { Scenario } from './scenario.ts'

/** The scenarios by name; each is loaded only when it is played. */
export const scenarios: Readonly<Record<string, () => Promise<{ readonly scenario: Scenario }>>> = {
  attention: async () => import('./attention.ts'),
  calm: async () => import('./calm.ts'),
  channel: async () => import('./channel.ts'),
  content: async () => import('./content.ts'),
  'kill-orchestrator': async () => import('./kill-orchestrator.ts'),
  'slow-orchestrator': async () => import('./slow-orchestrator.ts'),
  'price-war': async () => import('./price-war.ts'),
  'worker-loss': async () => import('./worker-loss.ts'),
  capacity: async () => import('./capacity.ts'),
  'liar-region': async () => import('./liar-region.ts'),
  'gas-spike': async () => import('./gas-spike.ts'),
}
