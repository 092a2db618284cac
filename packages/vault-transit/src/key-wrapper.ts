import type { KeyWrapper } from '@holdfast/core'
import { type Attempt, explainFailure, explainWrongAnswer } from './explain-failure.ts'
import { parseTransitKeyName } from './transit-key-name.ts'
import { requestTransit } from './transit-request.ts'
import { type Environment, loadVaultAccess } from './vault-access.ts'

const dataKeyBytes = 32
const wrappedForm = /^vault:v(\d+):[A-Za-z0-9+/]+={0,2}$/

/**
 * The transit engine of HashiCorp Vault (1.13 or later) or OpenBao as a key wrapper, by its HTTP API: Vault
 * has no official SDK for Node. The key name is `<mount>/<key>`; `holdfast` is `transit/holdfast`. The key
 * must be of an AEAD type (`aes256-gcm96`, the default) and not derived. What is wrapped is the text
 * `vault:v1:...`, which names the version of the key. Give the token `update` on `<mount>/encrypt/<key>` and
 * `<mount>/decrypt/<key>`, and no `create`: with it Vault makes a key for every name that is misspelt.
 *
 * From `environment`: VAULT_ADDR (https, or http on this machine), VAULT_TOKEN or VAULT_TOKEN_FILE (a file
 * such as Vault Agent writes, read at each call), and VAULT_NAMESPACE. A private certificate authority goes
 * into NODE_EXTRA_CA_CERTS, which Node itself reads.
 *
 * Never throws: what is wrong with the environment fails each call, as `misconfigured`.
 */
export function createKeyWrapper(environment: Environment): KeyWrapper {
  async function request(attempt: Attempt, path: string, body: Record<string, string>) {
    try {
      const access = await loadVaultAccess(environment, attempt.signal)
      return await requestTransit(access, path, body, attempt.signal)
    } catch (error) {
      throw explainFailure(attempt, error)
    }
  }

  return {
    async wrap(name, dataKey, { ringId, signal }) {
      const { keyName, mount, key } = parseTransitKeyName(name)
      const attempt: Attempt = { verb: 'wrap', keyName, signal }
      const { ciphertext } = await request(attempt, `${mount}/encrypt/${key}`, {
        plaintext: Buffer.from(dataKey).toString('base64'),
        associated_data: associatedDataOf(ringId),
      })
      if (typeof ciphertext !== 'string' || !wrappedForm.test(ciphertext)) {
        throw explainWrongAnswer(attempt, 'no wrapped key')
      }
      return { keyName, wrapped: Buffer.from(ciphertext) }
    },

    async unwrap({ keyName, wrapped }, { ringId, signal }) {
      const { mount, key } = parseTransitKeyName(keyName)
      const ciphertext = Buffer.from(wrapped).toString()
      const keyVersion = wrappedForm.exec(ciphertext)?.[1]
      const attempt: Attempt = { verb: 'unwrap', keyName, signal, keyVersion }
      const { plaintext } = await request(attempt, `${mount}/decrypt/${key}`, {
        ciphertext,
        associated_data: associatedDataOf(ringId),
      })
      const dataKey = Buffer.from(typeof plaintext === 'string' ? plaintext : '', 'base64')
      if (dataKey.length !== dataKeyBytes) {
        throw explainWrongAnswer(attempt, `${dataKey.length} bytes instead of ${dataKeyBytes}`)
      }
      return dataKey
    },
  }
}

/** Bound to the ciphertext by the AEAD cipher of the key. */
function associatedDataOf(ringId: string): string {
  return Buffer.from(`holdfast:ring=${ringId}`).toString('base64')
}
