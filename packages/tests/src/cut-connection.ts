import { once } from 'node:events'
import { connect } from 'node:net'
import type { RunningServer } from '@holdfast/drill'

/** Where a connection is cut: after so many bytes of the request, or of its answer. */
export type CutAt = { requestBytes: (request: string) => number } | { answerBytes: number }

const bodyAt = (request: string) => request.indexOf('\r\n\r\n') + 4

export const cutSteps: [string, CutAt][] = [
  ['before anything was sent', { requestBytes: () => 0 }],
  ['in the middle of the head', { requestBytes: (request) => Math.floor(bodyAt(request) / 2) }],
  ['between head and body', { requestBytes: bodyAt }],
  ['before the last byte of the body', { requestBytes: (request) => request.length - 1 }],
  ['as soon as the whole request was sent', { requestBytes: (request) => request.length }],
  ['at the first byte of the answer', { answerBytes: 1 }],
  ['in the middle of the answer', { answerBytes: 200 }],
]

/** Sends a code as a client does, and breaks the connection at that point; resolves once it is broken. */
export async function sendAndCut(
  { port }: RunningServer,
  { token, code }: { token: string; code: string },
  cutAt: CutAt,
): Promise<void> {
  const request = composeRequest(port, token, code)
  const socket = connect(port, '127.0.0.1')
  // It is broken on purpose, from either side.
  socket.on('error', () => {})
  await once(socket, 'connect')
  if ('requestBytes' in cutAt) {
    const bytes = cutAt.requestBytes(request)
    if (bytes > 0)
      await new Promise<void>((resolve) => socket.write(request.slice(0, bytes), () => resolve()))
  } else {
    socket.write(request)
    let received = 0
    while (received < cutAt.answerBytes) {
      await once(socket, 'readable')
      received += (socket.read(cutAt.answerBytes - received) as Buffer | null)?.length ?? 0
    }
  }
  socket.destroy()
  await once(socket, 'close')
}

function composeRequest(port: number, token: string, code: string): string {
  const body = JSON.stringify({ code })
  return [
    'POST /auth/otp/verify HTTP/1.1',
    `Host: localhost:${port}`,
    `Cookie: holdfast=${token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}
