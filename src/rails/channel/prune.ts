import { channelLimits } from './limits.ts'
import type { ChannelState } from './state.ts'

/**
 * A state with its highest commits only. The lower ones can neither be worth publishing nor, once
 * they are gone here, be gone back to: a reversal stops at the lowest that is kept.
 */
export function pruned(state: ChannelState): ChannelState {
  const { commits_active } = state
  if (commits_active.length <= channelLimits.keptCommits) return state
  return { ...state, commits_active: commits_active.slice(-channelLimits.keptCommits) }
}
