import { createClient } from '@holdfast/client'
import { onTestFinished } from 'vitest'
import { createDraftMemory } from '../src/draft.ts'
import { createPatience } from '../src/patience.ts'
import { SignIn } from '../src/sign-in.svelte.ts'
import { type Reply, startAnsweringServer } from './answering-server.ts'
import { sentAtMs } from './code-sent-view.ts'

/** What a tab keeps while its pages come and go. */
export function createTabMemory(): Storage {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    get length() {
      return kept.size
    },
  } as Storage
}

interface PageOptions {
  memory?: Storage
  /** How long it waits between attempts. */
  waitInMs?: number
}

/** The state of a page whose server answers with `replies`. */
export async function openPage(
  replies: Record<string, Reply>,
  { memory = createTabMemory(), waitInMs = 20 }: PageOptions = {},
) {
  const server = await startAnsweringServer(replies)
  onTestFinished(() => server[Symbol.asyncDispose]())
  const led: string[] = []
  let told = 0
  let waits = 0
  let nowMs = sentAtMs + 1000
  const patience = createPatience()
  const forEver = Number.POSITIVE_INFINITY
  const signIn = new SignIn({
    client: createClient({
      baseUrl: server.baseUrl,
      retries: forEver,
      totalTimeoutInMs: forEver,
      wait(_waitInMs, signal) {
        waits += 1
        return patience.wait(waitInMs, signal)
      },
    }),
    tryNow: patience.end,
    clock: { hear() {}, nowMs: () => nowMs },
    wayBack: {
      target: '/orders',
      href: '/auth/return?return_to=%2Forders',
      follow: () => void led.push('after a sign-in'),
      followOnArrival: () => void led.push('on arrival'),
    },
    draft: createDraftMemory(() => memory),
    tellOtherTabs: () => {
      told += 1
    },
  })
  onTestFinished(() => signIn.stop())
  await signIn.look()
  const count = (call: string) => server.heard.filter((heard) => heard === call).length
  const passSeconds = (seconds: number) => {
    nowMs += seconds * 1000
    signIn.tick()
  }
  return { signIn, led, count, memory, passSeconds, timesTold: () => told, timesWaited: () => waits }
}
