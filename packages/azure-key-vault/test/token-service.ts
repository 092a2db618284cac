import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { answerJson } from './key-vault.ts'
import type { Certificate } from './trusted-certificate.ts'

/**
 * A token service on a free port that refuses every client secret as Microsoft Entra ID does. The tenant `adfs`
 * is the one for which the SDK asks no other host whether it may trust this one.
 */
export async function startTokenService(certificate: Certificate) {
  const heard: string[] = []
  const server = createServer(certificate, async (request, response) => {
    if (request.method === 'GET') return answerJson(response, 200, metadata())
    heard.push(await text(request))
    answerJson(response, 401, {
      error: 'invalid_client',
      error_description: `AADSTS7000215: Invalid client secret provided. You sent ${heard.at(-1)}`,
      error_codes: [7000215],
    })
  })
  // A machine that stands still for seconds ends no connection that a client goes on to use.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const metadata = () => ({
    issuer: `${url}/adfs`,
    authorization_endpoint: `${url}/adfs/oauth2/authorize`,
    token_endpoint: `${url}/adfs/oauth2/token`,
    jwks_uri: `${url}/adfs/discovery/keys`,
  })
  return {
    heard,
    environment: {
      AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential',
      AZURE_AUTHORITY_HOST: url,
      AZURE_TENANT_ID: 'adfs',
      AZURE_CLIENT_ID: '8c2c1d4e-5a64-4f1c-9a39-5f0a2f6c1b11',
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
