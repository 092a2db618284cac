import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createSecretKey, kidOf, production, type RunningServer, Visitor } from '@holdfast/drill'
import { expect, onTestFinished, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { startNginx } from '../src/nginx.ts'
import { signIn } from '../src/sign-in.ts'

const origin = 'https://app.example.com'
const operations = new URL('../../../docs/operations.md', import.meta.url)

interface HeardRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

/** An application that knows nothing of sign-ins, but for two headers. */
async function startApplication() {
  const heard: HeardRequest[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request
    heard.push({ method, path, headers, body: await text(request) })
    response.end('the application')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, heard }
}

/** The server block that docs/operations.md tells people to write, with the ports of the test. */
function serverBlock(
  documented: string,
  ports: { nginx: number; holdfast: number; application: number },
): string {
  const [, block = ''] = /```nginx\n(server \{[^`]*auth_request[^`]*)```/.exec(documented) ?? []
  return block
    .replace('listen 443 ssl;', `listen 127.0.0.1:${ports.nginx};`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${ports.holdfast}`)
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${ports.application}`)
}

async function guard(server: RunningServer, skip: (note?: string) => never) {
  const application = await startApplication()
  const documented = await readFile(operations, 'utf8')
  const nginx = await startNginx((port) =>
    serverBlock(documented, { nginx: port, holdfast: server.port, application: application.port }),
  )
  if (nginx === undefined) skip('nginx is not installed on this machine')
  onTestFinished(() => nginx[Symbol.asyncDispose]())
  return { application, throughNginx: { ...server, port: nginx.port } }
}

const settings = { ...production, PUBLIC_ORIGIN: origin, TRUST_PROXY: '127.0.0.1' }

test('an application behind nginx is reached by whoever is signed in, and is told who it is', async ({
  skip,
}) => {
  const holdfast = await createInstallation({ ...settings, SECRET_KEY: createSecretKey() })
  const server = await holdfast.start()
  const { application, throughNginx } = await guard(server, skip)
  const { visitor, view, email } = await signIn(holdfast, throughNginx)
  const fetch = visitor.fetchAt(throughNginx)

  const forged = { 'X-Holdfast-Account': 'somebody-else', 'X-Holdfast-Email': 'root@example.com' }
  const answer = await fetch(`${origin}/orders?of=today`, {
    method: 'POST',
    headers: forged,
    body: 'an order',
  })

  expect([answer.status, await answer.text()]).toEqual([200, 'the application'])
  expect(application.heard).toMatchObject([
    {
      method: 'POST',
      path: '/orders?of=today',
      body: 'an order',
      headers: { 'x-holdfast-account': view.account.id, 'x-holdfast-email': email },
    },
  ])
  await visitor.at(throughNginx).logout()
  expect((await fetch(`${origin}/orders`)).status).toBe(303)
  expect(application.heard).toHaveLength(1)
})

test('whoever is not signed in is led to the page, and the application hears nothing', async ({ skip }) => {
  const holdfast = await createInstallation({ ...settings, SECRET_KEY: createSecretKey() })
  const server = await holdfast.start()
  const { application, throughNginx } = await guard(server, skip)
  const fetch = new Visitor().fetchAt(throughNginx)

  const answer = await fetch(`${origin}/orders`)
  const page = await fetch(new URL(answer.headers.get('location') ?? '', origin))

  expect([answer.status, answer.headers.get('location')]).toEqual([
    303,
    expect.stringMatching(/\/sign-in\?return_to=\/orders$/),
  ])
  expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])
  expect((await fetch(`${origin}/holdfast-check`)).status).toBe(404)
  const hostile = await fetch(`${origin}/orders%0d%0aX-Injected:%20yes?of=a%26b`)
  expect([hostile.headers.get('x-injected'), hostile.headers.get('location')]).toEqual([
    null,
    expect.stringMatching(/return_to=\/orders%0d%0aX-Injected:%20yes\?of=a%26b$/),
  ])
  expect(application.heard).toEqual([])
})

test('a Holdfast that is away turns nobody away as signed out, and the cookie holds when it is back', async ({
  skip,
}) => {
  const [older, newer] = [createSecretKey(), createSecretKey()]
  const holdfast = await createInstallation(settings)
  const server = await holdfast.start({ env: { SECRET_KEY: older } })
  const { application, throughNginx } = await guard(server, skip)
  const { visitor } = await signIn(holdfast, throughNginx)
  const before = await visitor.token(throughNginx)
  const fetch = visitor.fetchAt(throughNginx)
  await server.process.kill()

  expect((await fetch(`${origin}/orders`)).status).toBe(500)
  expect(application.heard).toEqual([])
  await holdfast.start({
    env: { SECRET_KEY: newer, SECRET_KEY_FALLBACKS: older, PORT: String(server.port) },
  })
  expect((await fetch(`${origin}/orders`)).status).toBe(200)
  // The cookie under the new key comes through nginx, with what the application answers.
  expect(kidOf(await visitor.token(throughNginx))).not.toBe(kidOf(before))
  expect((await fetch(`${origin}/orders`)).status).toBe(200)
})
