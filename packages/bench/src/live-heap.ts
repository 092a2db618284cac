import { once } from 'node:events'

/** What a process that was started with `--inspect` still reaches on its heap, in MB: all else is collected before. */
export async function readLiveHeapMb(inspectorPort: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${inspectorPort}/json/list`)
  const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[]
  if (target === undefined) throw new Error(`nothing to inspect at port ${inspectorPort}`)
  const socket = new WebSocket(target.webSocketDebuggerUrl)
  await once(socket, 'open')
  try {
    await call(socket, 'HeapProfiler.collectGarbage')
    const { result } = await call(socket, 'Runtime.getHeapUsage')
    if (result?.usedSize === undefined) throw new Error('the inspector told no heap usage')
    return result.usedSize / 1024 / 1024
  } finally {
    socket.close()
    await once(socket, 'close')
  }
}

/** One call at a time, so that the next message is its answer. */
async function call(socket: WebSocket, method: string): Promise<{ result?: { usedSize?: number } }> {
  const answered = once(socket, 'message')
  socket.send(JSON.stringify({ id: 1, method }))
  const [{ data }] = await answered
  return JSON.parse(data)
}
