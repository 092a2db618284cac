import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A Vault that wraps by spelling the data key backwards, and answers as the test says before that. */
export async function startVaultPeer() {
  const statuses: number[] = []
  const calls: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    calls.push(request.url ?? '')
    const status = statuses.length > 1 ? statuses.shift() : statuses[0]
    if (status === undefined || status === 200) answer(JSON.parse(Buffer.concat(chunks).toString()), response)
    else response.writeHead(status).end(JSON.stringify({ errors: ['as the test says'] }))
  })
  // A machine that stands still for seconds ends no connection that a client goes on to use.
  server.keepAliveTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    environment: { VAULT_ADDR: `http://127.0.0.1:${port}`, VAULT_TOKEN: 'token-of-a-test' },
    /** The paths that were asked for. */
    calls,
    /** What the next calls are answered with; the last one for ever. */
    answerWith(...next: number[]) {
      statuses.splice(0, Number.POSITIVE_INFINITY, ...next)
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Input {
  plaintext?: string
  ciphertext?: string
}

function answer({ plaintext, ciphertext = '' }: Input, response: ServerResponse): void {
  const turned = (base64: string) => Buffer.from(base64, 'base64').reverse().toString('base64')
  const data =
    plaintext === undefined
      ? { plaintext: turned(ciphertext.slice('vault:v1:'.length)) }
      : { ciphertext: `vault:v1:${turned(plaintext)}` }
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }))
}
