import type { CallOptions, Client } from '@holdfast/client'
import type { Lack } from './page-data.ts'

/**
 * Why nobody is signed in with the session of this browser: its view does not say it, the refusal to list its sign-ins
 * does. Null where that gets no answer either.
 */
export async function findLack(
  client: Pick<Client, 'sessions'>,
  { signal }: CallOptions,
): Promise<Lack | null> {
  const listed = await client.sessions({ retries: 0, ...(signal === undefined ? {} : { signal }) })
  if (listed.ok || listed.problem.code !== 'not_signed_in') return null
  const { reason, reference } = listed.problem
  if (reason === undefined) return null
  return { reason, ...(reference === undefined ? {} : { reference }) }
}
