import { type ChildProcess, spawn } from 'node:child_process'
import { type EventEmitter, once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { findFreePort } from '@holdfast/drill'

export interface Nginx {
  port: number
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts nginx on a free port of this machine; `undefined` where it is not installed. `server` makes the server block. */
export async function startNginx(server: (port: number) => string): Promise<Nginx | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-nginx-'))
  const port = await findFreePort()
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, server(port)))
  const child = spawn(
    'nginx',
    ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
    {
      stdio: 'ignore',
      env: { PATH: `${process.env.PATH}:/usr/sbin` },
    },
  )
  const removeFolder = () => rm(folder, { recursive: true, force: true })
  if (!(await isFirst(child, 'spawn'))) {
    await removeFolder()
    return undefined
  }
  const stopped = once(child, 'exit')
  const end = async () => {
    child.kill('SIGTERM')
    await stopped
    await removeFolder()
  }
  try {
    await listens(port, child)
  } catch (error) {
    await end()
    throw error
  }
  return { port, [Symbol.asyncDispose]: end }
}

/** In the foreground, as one process, and with every file in a folder of its own. */
function configuration(folder: string, server: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
    daemon off; master_process off; pid ${folder}/nginx.pid;
    events {}
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
      ${server}
    }`
}

async function listens(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`nginx exited with ${child.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    const isOpen = await isFirst(socket, 'connect')
    socket.destroy()
    if (isOpen) return
    await wait(10)
  }
}

/** Whether the event comes before an error does. */
function isFirst(emitter: EventEmitter, event: string): Promise<boolean> {
  return new Promise((resolve) => {
    emitter.once(event, () => resolve(true)).once('error', () => resolve(false))
  })
}
