import { expect, test } from 'vitest'
import { createClient } from '../src/index.ts'
import { startAnsweringServer } from './answering-server.ts'

const cancelled = { ok: false, problem: { code: 'unreachable', cause: 'cancelled' } }

test('a signal ends a call whose answer has not come', async () => {
  const controller = new AbortController()
  await using server = await startAnsweringServer(() => controller.abort())
  const answer = await createClient({ baseUrl: server.baseUrl }).session({ signal: controller.signal })
  expect(answer).toMatchObject(cancelled)
})

test('a signal ends a wait, and no further attempt is made', async () => {
  await using server = await startAnsweringServer((response) => response.destroy())
  const controller = new AbortController()
  const client = createClient({ baseUrl: server.baseUrl, onRetry: () => controller.abort() })
  expect(await client.session({ signal: controller.signal })).toMatchObject(cancelled)
  expect(server.heard.length).toBe(1)
})

test('with a signal that was aborted before, nothing is sent', async () => {
  await using server = await startAnsweringServer(() => {})
  const client = createClient({ baseUrl: server.baseUrl })
  expect(await client.send({ email: 'a@b.c' }, { signal: AbortSignal.abort() })).toMatchObject(cancelled)
  expect(server.heard.length).toBe(0)
})

test('a wait ends when the browser is back online', async () => {
  const events = new EventTarget()
  const { addEventListener, removeEventListener } = globalThis
  Object.assign(globalThis, {
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
  })
  try {
    await using server = await startAnsweringServer((response) => {
      if (server.heard.length === 1) return void response.destroy()
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"state":"anonymous"}')
    })
    const client = createClient({
      baseUrl: server.baseUrl,
      timeoutInMs: Number.POSITIVE_INFINITY,
      totalTimeoutInMs: Number.POSITIVE_INFINITY,
      onRetry: () => setImmediate(() => events.dispatchEvent(new Event('online'))),
    })
    expect(await client.session()).toMatchObject({ ok: true })
  } finally {
    Object.assign(globalThis, { addEventListener, removeEventListener })
  }
})
