import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { startKmsServer } from '@holdfast/aws-kms/testing'
import { startTransitServer } from '@holdfast/vault-transit/testing'
import { onTestFinished } from 'vitest'

/** A key management service, by its own wire protocol, behind a line that a test can cut. */
export interface KeyService {
  name: 'vault' | 'aws-kms'
  /** The service and its key, as `holdfast keys wrap --with` takes them. */
  wrappingKey: string
  /** What reaches it by the line. */
  env: Record<string, string>
  /** What reaches it past the line. */
  directEnv: Record<string, string>
  /** Nobody gets through from now on, and what is under way ends. */
  cutLine(): void
  mendLine(): void
  /** Connections, and what was sent by them, since the start: it rises whenever the service is asked. */
  asked(): number
  /** The service answers the next request so, whatever it is. */
  denyOnce(): void
  throttleOnce(): void
  /** The version of its key that has wrapped until now is no longer there. */
  loseKeyVersion(): void
}

/** Starts each service for the running test, and stops it when the test has finished. */
export const keyServices: Record<KeyService['name'], () => Promise<KeyService>> = {
  async vault() {
    const token = `hvs.${randomBytes(24).toString('base64url')}`
    const server = await startTransitServer(token)
    onTestFinished(() => server.stop())
    const key = server.createKey('holdfast')
    const { url, ...line } = await layLine(server.url)
    const answerOnce = (status: number, error: string) =>
      server.overrides.push((response) => response.writeHead(status).end(JSON.stringify({ errors: [error] })))
    return {
      ...line,
      name: 'vault',
      wrappingKey: 'vault:transit/holdfast',
      env: { VAULT_ADDR: url, VAULT_TOKEN: token },
      directEnv: { VAULT_ADDR: server.url },
      denyOnce: () => answerOnce(403, '1 error occurred:\n\t* permission denied\n\n'),
      throttleOnce: () =>
        answerOnce(429, 'request path "transit/decrypt/holdfast": rate limit quota exceeded'),
      loseKeyVersion() {
        key.versions.push(randomBytes(32))
        key.minDecryptionVersion = 2
      },
    }
  },

  async 'aws-kms'() {
    const signingKeys = {
      accessKeyId: 'AKIDHOLDFASTTESTS001',
      secretAccessKey: randomBytes(30).toString('base64'),
    }
    const server = await startKmsServer(signingKeys)
    onTestFinished(() => server.stop())
    const id = server.createKey()
    server.aliases.set('alias/holdfast', id)
    const { url, ...line } = await layLine(server.url)
    const answerOnce = (type: string) =>
      server.overrides.push((response) => response.writeHead(400).end(JSON.stringify({ __type: type })))
    return {
      ...line,
      name: 'aws-kms',
      wrappingKey: 'aws-kms:alias/holdfast',
      env: {
        AWS_REGION: 'eu-central-1',
        AWS_ENDPOINT_URL_KMS: url,
        AWS_ACCESS_KEY_ID: signingKeys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: signingKeys.secretAccessKey,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: '/nonexistent/config',
        AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
      },
      directEnv: { AWS_ENDPOINT_URL_KMS: server.url },
      denyOnce: () => answerOnce('AccessDeniedException'),
      throttleOnce: () => answerOnce('ThrottlingException'),
      loseKeyVersion: () => server.keyOf(id).versions.splice(0, 1, randomBytes(32)),
    }
  },
}

/** A line of TCP to the service. Cut, it takes connections and drops them: its port stays its own. */
async function layLine(serviceUrl: string) {
  const port = Number(new URL(serviceUrl).port)
  const sockets = new Set<Socket>()
  let isCut = false
  let asked = 0
  const line = createServer((near) => {
    asked += 1
    if (isCut) return near.destroy()
    const far = connect(port, '127.0.0.1')
    near.on('data', () => {
      asked += 1
    })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => sockets.delete(one))
      one.pipe(other)
    }
  })
  line.listen(0, '127.0.0.1')
  await once(line, 'listening')
  const cutLine = () => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(async () => {
    cutLine()
    line.close()
    await once(line, 'close')
  })
  return {
    url: `http://127.0.0.1:${(line.address() as AddressInfo).port}`,
    asked: () => asked,
    cutLine,
    mendLine: () => {
      isCut = false
    },
  }
}
