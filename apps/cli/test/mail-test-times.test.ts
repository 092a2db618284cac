import { expect, test } from 'vitest'
import { testMailServer } from '../src/mail/test-mail-server.ts'
import { startRawMailServer } from './raw-mail-server.ts'

const settings = { from: 'codes@acme.example', dkim: undefined, appName: 'Acme', origin: 'http://localhost' }
const slowMs = 300

test.each([
  // Commands, whose time begins before they are heard.
  { verb: 'EHLO', slowStep: 'EHLO', reply: '250 peer' },
  { verb: 'RCPT', slowStep: 'RCPT TO', reply: '250 taken' },
])(
  'the time that a server takes to answer $slowStep is told of that step alone',
  async ({ verb, slowStep, reply }) => {
    const { port } = await startRawMailServer((heard, socket) => {
      if (heard !== verb) return undefined
      const heardAtMs = performance.now()
      const answer = () => {
        // A timer may be early by a fraction.
        if (performance.now() - heardAtMs < slowMs) setTimeout(answer, 1)
        else socket.write(`${reply}\r\n`)
      }
      setTimeout(answer, slowMs)
      return ''
    })
    const startedAtMs = performance.now()

    const report = await testMailServer(
      { ...settings, smtpUrl: `smtp://127.0.0.1:${port}` },
      'ada@example.com',
    )

    const tookMs = performance.now() - startedAtMs
    const { steps } = report.data as { steps: { step: string; ms: number }[] }
    const slow = steps.find(({ step }) => step === slowStep)?.ms ?? 0
    expect(slow).toBeGreaterThanOrEqual(slowMs)
    // Each is rounded, and none is told twice.
    const sumMs = steps.reduce((sum, { ms }) => sum + ms, 0)
    expect(sumMs).toBeLessThanOrEqual(tookMs + steps.length / 2)
    expect(report.text).toMatch(new RegExp(`^ +${slowStep} +${slow} ms `, 'm'))
  },
)
