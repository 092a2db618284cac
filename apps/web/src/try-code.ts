import type { Answer, CallOptions, Client } from '@holdfast/client'

/**
 * Tries a code. One that is said to be used may have been so by the very same try, whose answer was lost when a page went
 * and not the cookie in it: then somebody is signed in here.
 */
export async function tryCode(
  client: Pick<Client, 'verify' | 'session'>,
  code: string,
  options: CallOptions,
): Promise<Answer> {
  const answer = await client.verify({ code }, options)
  const isUsed = !answer.ok && 'reason' in answer.problem && answer.problem.reason === 'verification_used'
  const found = isUsed ? await client.session(options) : answer
  return found.ok && found.view.state === 'signed_in' ? found : answer
}
