import { randomBytes } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * The endpoint that Azure App Service gives its apps for their managed identity, and the environment that
 * points the SDK at it and at no other source of tokens. The SDK keeps the first endpoint, and every token, for
 * as long as its process lives: a test file starts one, and sets `respond` for another answer.
 */
export async function startIdentityEndpoint() {
  const header = randomBytes(16).toString('hex')
  const token = randomBytes(30).toString('base64url')
  const identity = { respond: undefined as ((response: ServerResponse) => void) | undefined }
  const server = createServer((request, response) => {
    if (identity.respond) return identity.respond(response)
    const resource = new URL(request.url ?? '', 'http://identity').searchParams.get('resource')
    if (request.headers['x-identity-header'] !== header || resource !== 'https://vault.azure.net') {
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"statusCode":400}')
      return
    }
    const expiresOn = String(Math.floor(Date.now() / 1000) + 3600)
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ access_token: token, expires_on: expiresOn, resource, token_type: 'Bearer' }))
  })
  // A machine that stands still for seconds ends no connection that a client goes on to use.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(identity, {
    token,
    environment: {
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
      IDENTITY_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`,
      IDENTITY_HEADER: header,
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
