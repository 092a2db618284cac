import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'

const googleVariable =
  /^(?:GOOGLE|GCLOUD|GCP|GCE|CLOUDSDK|METADATA|K)_|^(?:HTTPS?|ALL|NO)_PROXY$|^FUNCTION_NAME$/i

export interface ServiceAccount {
  email: string
  publicKey: KeyObject
  keyFile: Record<string, string>
}

export function createServiceAccount(): ServiceAccount {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const email = 'holdfast@test-project.iam.gserviceaccount.com'
  return {
    email,
    publicKey,
    keyFile: {
      type: 'service_account',
      project_id: 'test-project',
      private_key_id: 'f00d',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      client_email: email,
      client_id: '1',
      token_uri: 'http://127.0.0.1:9/token',
    },
  }
}

/**
 * Gives the SDK these credentials, and none that the machine happens to have: another home folder, no metadata
 * server. Used as `await using environment = ...`.
 */
export async function stubGoogleEnvironment(credentials?: object) {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-gcp-'))
  for (const name of Object.keys(process.env)) if (googleVariable.test(name)) vi.stubEnv(name, undefined)
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none')
  vi.stubEnv('GCE_METADATA_HOST', '127.0.0.1:9')
  vi.stubEnv('GOOGLE_CLOUD_PROJECT', 'test-project')
  vi.stubEnv('HOME', folder)
  vi.stubEnv('APPDATA', folder)
  const path = join(folder, 'credentials.json')
  if (credentials !== undefined) {
    await writeFile(path, JSON.stringify(credentials))
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', path)
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
