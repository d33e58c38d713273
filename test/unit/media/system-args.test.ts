import { describe, expect, test } from 'vitest'
import { DEFAULT_LADDER, PRESETS, type Profile } from '../../../src/media/profile.ts'
import { inspectSegment } from '../../../src/media/ts/inspect.ts'
import { systemArgs } from '../../../src/media/worker/system.ts'
import { SEGMENT } from '../../fixtures/media/fixture.ts'

const inspected = inspectSegment(SEGMENT)
if (!inspected.ok) throw new Error('the fixture is broken')
const probe = inspected.value

function line(profiles: readonly Profile[], encoder = 'libx264', audio = true): string {
  const source = audio ? probe : { ...probe, audio: null }
  return systemArgs({ profiles, probe: source, encoder, frameLimit: 162 }).join(' ')
}

describe('the command line of a system ffmpeg', () => {
  test('reads and writes pipes alone, as the forced format, within caps', () => {
    const text = line(DEFAULT_LADDER)
    expect(text).toContain('-protocol_whitelist pipe')
    expect(text).toMatch(/-max_pixels \d+ .*-f mpegts -copyts -i pipe:0/)
    expect(text.match(/-frames:v 162/g)).toHaveLength(2)
    expect(text.match(/-f mpegts pipe:[34]/g)).toHaveLength(2)
    expect(text.match(/-x264-params cpu-independent=1/g)).toHaveLength(2)
  })

  test('changes the rate only after scaling, and the audio never', () => {
    const text = line([PRESETS.get('P240p30') as Profile])
    expect(text).toContain('scale=426:240:flags=bicubic,fps=30/1')
    expect(text).toContain('-map 0:a:0 -c:a copy')
    expect(line(DEFAULT_LADDER, 'libx264', false)).not.toContain('0:a:0')
  })

  test('uploads pictures to a device that wants them there', () => {
    const text = line(DEFAULT_LADDER, 'h264_vaapi')
    expect(text).toContain('-vaapi_device')
    expect(text).toContain('format=nv12,hwupload')
    expect(text).not.toContain('x264')
  })
})
