import type { Answer, Problem, SessionView } from '@holdfast/client'
import { type Installation, type LogLine, type RunningServer, Visitor } from '@holdfast/drill'

export type SignedInView = Extract<SessionView, { state: 'signed_in' }>

/** A person who has been mailed a code and has not entered it. */
export interface PersonWithCode {
  visitor: Visitor
  email: string
  code: string
  reference: string
}

let people = 0

/** Somebody asks for a code in a new browser; resolves once it has been mailed. */
export async function askForCode(
  holdfast: Installation,
  server: RunningServer,
  email = newAddress(),
): Promise<PersonWithCode> {
  const visitor = new Visitor()
  const answer = await visitor.at(server).send({ email })
  if (!answer.ok || answer.view.state !== 'code_sent')
    throw new Error(`expected a code to be sent, found ${JSON.stringify(answer)}`)
  const { code } = await holdfast.mailServer.nextMail(email)
  return { visitor, email, code, reference: answer.view.verification.reference }
}

/**
 * Resolves once it is on record that the mail server took over a person's mail, which is after the mail server has it.
 * Any server of the installation may be the one that mails it.
 */
export async function handedOver(
  { reference }: Pick<PersonWithCode, 'reference'>,
  ...servers: readonly RunningServer[]
): Promise<void> {
  const isSaid = (line: LogLine) => line.message === 'code sent' && line.reference === reference
  await Promise.any(servers.map(({ process }) => process.log(isSaid)))
}

function newAddress(): string {
  people += 1
  return `person${people}@example.com`
}

/** Somebody new signs in. */
export async function signIn(
  holdfast: Installation,
  server: RunningServer,
): Promise<PersonWithCode & { view: SignedInView }> {
  const person = await askForCode(holdfast, server)
  const view = signedInView(await person.visitor.at(server).verify({ code: person.code }))
  return { ...person, view }
}

/** A code of the same length that is not the right one. */
export function wrongCode(code: string, offset = 1): string {
  return String((Number(code) + offset) % 10 ** code.length).padStart(code.length, '0')
}

/** The view of an answer that is signed in. Any other answer fails the test. */
export function signedInView(answer: Answer): SignedInView {
  if (answer.ok && answer.view.state === 'signed_in') return answer.view
  throw new Error(`expected to be signed in, found ${JSON.stringify(answer)}`)
}

/** The problem of an answer that refuses. Any other answer fails the test. */
export function problemOf(answer: Answer): Problem {
  if (!answer.ok) return answer.problem
  throw new Error(`expected a refusal, found the state ${answer.view.state}`)
}
