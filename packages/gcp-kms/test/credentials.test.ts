import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createKeyWrapper } from '../src/index.ts'
import { answerJson, startCloudKms } from './cloud-kms.ts'
import { createServiceAccount, stubGoogleEnvironment } from './google-environment.ts'
import { failureOf, secretsShownBy } from './shown.ts'

const dataKey = randomBytes(32)
const call = { ringId: 'ring-1', signal: new AbortController().signal }
const account = createServiceAccount()

let kms: Awaited<ReturnType<typeof startCloudKms>>

beforeEach(async () => {
  kms = await startCloudKms(account)
})

afterEach(() => kms[Symbol.asyncDispose]())

const wrap = (signal = call.signal) =>
  createKeyWrapper(kms.environment).wrap(kms.addVersion('ring'), dataKey, { ...call, signal })

const misconfigured = {
  fault: 'misconfigured',
  message: expect.stringContaining('Set up Application Default Credentials'),
}

test('wrap without credentials is misconfigured', async () => {
  await using _ = await stubGoogleEnvironment()
  expect(await failureOf(wrap())).toMatchObject(misconfigured)
})

test('wrap with a key file that is not there is misconfigured', async () => {
  await using environment = await stubGoogleEnvironment(account.keyFile)
  await rm(environment.path)
  expect(await failureOf(wrap())).toMatchObject(misconfigured)
})

test('wrap with a key file that is no JSON is misconfigured', async () => {
  await using environment = await stubGoogleEnvironment(account.keyFile)
  await writeFile(environment.path, 'half a file')
  expect(await failureOf(wrap())).toMatchObject(misconfigured)
})

test('wrap with a private key that is broken is misconfigured, and does not show it', async () => {
  const secret = randomBytes(30).toString('base64url')
  const broken = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`
  await using _ = await stubGoogleEnvironment({ ...account.keyFile, private_key: broken })
  const error = await failureOf(wrap())
  expect(error).toMatchObject(misconfigured)
  expect(secretsShownBy(error, [secret, dataKey])).toEqual([])
})

test('wrap with the key of a stranger is denied', async () => {
  await using _ = await stubGoogleEnvironment(createServiceAccount().keyFile)
  expect(await failureOf(wrap())).toMatchObject({
    fault: 'denied',
    message: expect.stringContaining('401 UNAUTHENTICATED'),
  })
})

/** A security token service on a free port, for workload identity federation (RFC 8693). */
async function startTokenService(respond: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => respond(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/token`
  const subjectToken = randomBytes(30).toString('base64url')
  const environment = await stubGoogleEnvironment({ type: 'external_account' })
  const subjectFile = `${environment.path}.subject`
  await writeFile(subjectFile, subjectToken)
  await writeFile(
    environment.path,
    JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: url,
      credential_source: { file: subjectFile },
    }),
  )
  return {
    subjectToken,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
    async [Symbol.asyncDispose]() {
      await this.close()
      await environment[Symbol.asyncDispose]()
    },
  }
}

test.each([
  { status: 400, fault: 'denied' },
  { status: 403, fault: 'denied' },
])('wrap is $fault when the token service answers $status, and shows no token', async ({ status, fault }) => {
  await using service = await startTokenService((response) => {
    answerJson(response, status, { error: 'invalid_grant', error_description: service.subjectToken })
  })
  const error = await failureOf(wrap())
  expect(error).toMatchObject({
    fault,
    message: expect.stringContaining(`the token service answered ${status}`),
  })
  expect(secretsShownBy(error, [service.subjectToken, dataKey])).toEqual([])
})

test('wrap while the token service is down is unreachable', async () => {
  await using service = await startTokenService(() => {})
  await service.close()
  expect(await failureOf(wrap())).toMatchObject({
    fault: 'unreachable',
    message: expect.stringContaining('no answer came from the token service (ECONNREFUSED)'),
  })
})

test('wrap while the token service never answers is unreachable once the signal aborts', async () => {
  const controller = new AbortController()
  await using _ = await startTokenService(() => controller.abort())
  expect(await failureOf(wrap(controller.signal))).toMatchObject({
    fault: 'unreachable',
    message: expect.stringContaining('the call was ended before an answer came'),
  })
})
