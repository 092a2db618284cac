import type { VaultAccess } from './vault-access.ts'

/** Vault, or what stands before it, answered with something other than the result. */
export class VaultAnswerError extends Error {
  override readonly name = 'VaultAnswerError'
  readonly status: number
  readonly isOfVault: boolean
  /** What Vault says in `errors` and `warnings`. It may quote the request. */
  readonly reasons: string

  constructor(status: number, answer: Record<string, unknown> | undefined) {
    super('Vault gave no result')
    this.status = status
    this.isOfVault = answer !== undefined
    this.reasons = [answer?.errors, answer?.warnings].flat().join('; ')
  }
}

/**
 * Posts to one path of the transit engine and gives the `data` of the answer.
 *
 * @throws {VaultAnswerError}
 */
export async function requestTransit(
  access: VaultAccess,
  path: string,
  body: Record<string, string>,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${access.address}/v1/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-vault-token': access.token,
      'x-vault-request': 'true',
      ...(access.namespace && { 'x-vault-namespace': access.namespace }),
    },
    body: JSON.stringify(body),
    // A followed redirect would carry the token and the data key to a place that nobody chose.
    redirect: 'manual',
    signal,
  })
  const answer = parseObject(await response.text())
  const data = answer?.data
  if (!response.ok || answer === undefined) throw new VaultAnswerError(response.status, answer)
  // A Vault before 1.13 leaves the associated data out, and says so only here.
  if (`${answer.warnings}`.includes('associated_data')) throw new VaultAnswerError(response.status, answer)
  return isObject(data) ? data : {}
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
