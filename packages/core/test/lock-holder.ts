import { writeFile } from 'node:fs/promises'
import { withKeyFileLock } from '../src/key-file-lock.ts'

// Takes the lock of the file that it is started with, says so, and keeps it until it is told to let go or is killed.
await withKeyFileLock(process.argv[2] ?? '', async () => {
  process.send?.('held')
  const [command] = await new Promise<[string]>((resolve) => {
    process.once('message', (message: string) => resolve([message]))
  })
  await writeFile(process.argv[2] ?? '', command)
})
process.disconnect()
