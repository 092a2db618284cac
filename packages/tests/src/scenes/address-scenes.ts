import { limited, problem, type StagedPage } from '../staged-page.ts'
import { type PageScene, send, session } from './page-scene.ts'

const address = 'ada.lovelace@example.com'

async function typeAddress({ page }: StagedPage, text = address): Promise<void> {
  await page.locator('#email').fill(text)
  await page.keyboard.press('Enter')
}

export const addressScenes: readonly PageScene[] = [
  { name: 'address', play: (staged) => staged.reopen() },
  {
    name: 'address-invalid',
    isAtAddress: true,
    says: 'problem.invalidAddress.title',
    async play(staged) {
      staged.answer(send, problem(422, 'invalid_request', { errors: [{ path: 'email', message: '' }] }))
      await typeAddress(staged, 'ada')
    },
  },
  {
    name: 'send-limited',
    isAtAddress: true,
    says: 'problem.rateLimited.title',
    async play(staged) {
      staged.answer(send, limited(1500))
      await typeAddress(staged)
    },
  },
  {
    name: 'sending',
    isAtAddress: true,
    says: 'address.sending',
    async play(staged) {
      staged.answer(send, 'no answer yet')
      await typeAddress(staged)
    },
  },
  {
    name: 'outage-at-address',
    isAtAddress: true,
    says: 'outage.send',
    async play(staged) {
      staged.answer(send, 'no answer')
      await typeAddress(staged)
    },
  },
  {
    name: 'outage-on-arrival',
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
    isAtAddress: true,
    heading: 'waiting.heading',
    says: 'problem.internal.title',
    async play(staged) {
      await staged.page.locator('#email').fill(address)
      staged.answer(session, problem(500, 'internal'))
      await staged.sendForm()
    },
  },
]
