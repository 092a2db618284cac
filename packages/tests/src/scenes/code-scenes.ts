import { codeSent, limited, problem } from '../staged-page.ts'
import { cancel, type PageScene, resend, session, tryCode, verify } from './page-scene.ts'

export const codeScenes: readonly PageScene[] = [
  { name: 'code', presses: verify, heading: 'code.heading', play: (staged) => staged.find(codeSent()) },
  {
    name: 'code-queued',
    presses: verify,
    heading: 'code.heading',
    says: 'delivery.queued.note',
    play: (staged) => staged.find(codeSent({ delivery: 'queued' })),
  },
  {
    name: 'mail-delayed',
    presses: verify,
    heading: 'delayed.heading',
    says: 'delivery.delayed.note',
    play: (staged) => staged.find(codeSent({ delivery: 'delayed' })),
  },
  {
    name: 'mail-failed',
    presses: cancel,
    heading: 'mailFailed.heading',
    says: 'delivery.failed.note',
    play: (staged) => staged.find(codeSent({ delivery: 'failed' })),
  },
  {
    name: 'mail-failed-a-while-ago',
    presses: cancel,
    heading: 'mailFailed.heading',
    says: 'code.resend',
    play: (staged) => staged.find(codeSent({ delivery: 'failed' }, 45)),
  },
  {
    name: 'mail-failed-again',
    presses: verify,
    heading: 'mailFailed.heading',
    says: 'delivery.failed.note',
    play: (staged) => staged.find(codeSent({ delivery: 'failed', sends: 2 })),
  },
  {
    name: 'mail-unknown',
    presses: verify,
    heading: 'code.heading',
    says: 'delivery.unknown.note',
    play: (staged) => staged.find(codeSent({ delivery: 'unknown' })),
  },
  {
    name: 'two-tries-left',
    presses: verify,
    heading: 'code.heading',
    says: 'code.resend',
    triesLeft: 2,
    play: (staged) => staged.find(codeSent({ attemptsLeft: 2 }, 45)),
  },
  {
    name: 'wrong-code',
    presses: verify,
    typesFirst: '12345',
    heading: 'code.heading',
    says: 'problem.incorrectCode.title',
    triesLeft: 3,
    play: tryCode(problem(403, 'code_incorrect', { attemptsLeft: 3 })),
  },
  {
    name: 'code-malformed',
    presses: verify,
    heading: 'code.heading',
    says: 'problem.incompleteCode.title',
    play: tryCode(problem(422, 'code_malformed'), { digits: '123' }),
  },
  {
    name: 'verify-limited',
    presses: verify,
    heading: 'code.heading',
    says: 'problem.guessLimited.title',
    play: tryCode(limited(400)),
  },
  {
    name: 'fault-at-code',
    presses: verify,
    heading: 'code.heading',
    says: 'problem.internal.title',
    play: tryCode(problem(500, 'internal', { requestId: 'f3c1a1f0-6f0e-4b53-9a6f-2f0f3d3a7c51' })),
  },
  {
    name: 'resent',
    presses: verify,
    heading: 'code.heading',
    says: 'news.resent',
    async play(staged) {
      await staged.find(codeSent({}, 45))
      staged.answer(resend, { status: 202, body: codeSent({ sends: 2 }) })
      await staged.page.locator('form:has([value=resend]) button').click()
    },
  },
  {
    name: 'offline',
    presses: session,
    button: 'waiting.now',
    heading: 'code.heading',
    says: 'outage.offline',
    async play(staged) {
      await staged.find(codeSent())
      await staged.page.context().setOffline(true)
      await staged.findNone()
    },
  },
  {
    name: 'checking',
    presses: null,
    heading: 'code.heading',
    says: 'code.checking',
    play: tryCode('no answer yet'),
  },
  {
    name: 'outage-at-code',
    presses: verify,
    button: 'waiting.now',
    heading: 'code.heading',
    says: 'outage.verify',
    play: tryCode('no answer'),
  },
]
