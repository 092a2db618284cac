import { limited, problem, type StagedPage } from '../staged-page.ts'
import { type PageScene, send, session } from './page-scene.ts'

const address = 'ada.lovelace@example.com'

/** Sends an address, which gets this answer. */
function sendAddress(answer: Parameters<StagedPage['answer']>[1], text = address): PageScene['play'] {
  return async function playSend(staged) {
    staged.answer(send, answer)
    await staged.page.locator('#email').fill(text)
    await staged.page.keyboard.press('Enter')
  }
}

export const addressScenes: readonly PageScene[] = [
  { name: 'address', presses: send, play: (staged) => staged.reopen() },
  {
    name: 'address-invalid',
    presses: send,
    isAtAddress: true,
    says: 'problem.invalidAddress.title',
    play: sendAddress(problem(422, 'invalid_request', { errors: [{ path: 'email', message: '' }] }), 'ada'),
  },
  {
    name: 'send-limited',
    presses: send,
    isAtAddress: true,
    says: 'problem.rateLimited.title',
    play: sendAddress(limited(1500)),
  },
  {
    name: 'sending',
    presses: null,
    isAtAddress: true,
    says: 'address.sending',
    play: sendAddress('no answer yet'),
  },
  {
    name: 'outage-at-address',
    presses: send,
    button: 'waiting.now',
    isAtAddress: true,
    says: 'outage.send',
    play: sendAddress('no answer'),
  },
  {
    name: 'outage-on-arrival',
    presses: session,
    isAtAddress: true,
    heading: 'waiting.heading',
    says: 'problem.storeUnavailable.title',
    async play(staged) {
      await staged.page.locator('#email').fill(address)
      staged.answer(session, 'no answer')
      await staged.sendForm()
    },
  },
  {
    name: 'fault-on-arrival',
    presses: session,
    isAtAddress: true,
    heading: 'fault.heading',
    says: 'problem.internal.title',
    async play(staged) {
      await staged.page.locator('#email').fill(address)
      staged.answer(session, problem(500, 'internal'))
      await staged.sendForm()
    },
  },
]
