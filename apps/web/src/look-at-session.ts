import type { Answer, CallOptions, Client, SessionView } from '@holdfast/client'
import type { Reject } from '@holdfast/page-data'

/**
 * Where the session of this browser stands; and where somebody was on their way or signed in `before`, and is so no
 * more without having asked for it here, why.
 */
export async function lookAtSession(
  client: Pick<Client, 'session' | 'sessions'>,
  before: SessionView | null,
  options: CallOptions,
): Promise<Answer & { reject?: Reject }> {
  const answer = await client.session(options)
  const hadSession = before !== null && before.state !== 'anonymous'
  if (!hadSession || !answer.ok || answer.view.state !== 'anonymous') return answer
  const reject = await findReject(client, options)
  if (reject === undefined) return answer
  return { ...answer, reject: { ...reject, wasSignedIn: before.state === 'signed_in' } }
}

/** A view does not say why nobody is signed in; the refusal to list the sign-ins does, where it gets an answer. */
async function findReject(
  client: Pick<Client, 'sessions'>,
  { signal }: CallOptions,
): Promise<Reject | undefined> {
  const listed = await client.sessions({ retries: 0, ...(signal === undefined ? {} : { signal }) })
  if (listed.ok || listed.problem.code !== 'not_signed_in') return undefined
  const { reason, reference } = listed.problem
  if (reason === undefined) return undefined
  return { reason, ...(reference === undefined ? {} : { reference }) }
}
