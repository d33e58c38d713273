import { attention } from './attention.ts'
import { channel } from './channel.ts'
import { content } from './content.ts'
import type { Scenario } from './scenario.ts'

/** The scenarios by name. */
export const scenarios: Readonly<Record<string, Scenario>> = { channel, content, attention }
