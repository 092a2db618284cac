import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type KeyActionName, keyActions, sourceOf } from './key-actions.ts'

// The process that traced-worker.ts starts: it names its threads, waits for a line, and changes the key file.
const [action, path = ''] = process.argv.slice(2)

// Starts the one thread that calls of the file system are made in.
await stat('/')
const pool = readdirSync('/proc/self/task').find(
  (id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8') === 'libuv-worker\n',
)
process.stdout.write(`${JSON.stringify({ main: process.pid, pool: Number(pool) })}\n`)
await once(process.stdin, 'data')

const outcome = await keyActions[action as KeyActionName].run(sourceOf(path)).then(
  () => 'done',
  (error: unknown) => `${error}`,
)
process.stdout.write(`${outcome}\n`)
process.exit()
