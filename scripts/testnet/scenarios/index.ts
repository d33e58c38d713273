import { channel } from './channel.ts'
import type { Scenario } from './scenario.ts'

/** The scenarios by name. */
export const scenarios: Readonly<Record<string, Scenario>> = { channel }
