import { loadKeyFile } from '../src/key-file.ts'

// One of the processes that key-file.test.ts starts together: it loads each key file whose path it is sent.
process.on('message', async (path: string) => {
  const { record, created } = await loadKeyFile({ path, create: true, nowMs: 1_000 })
  process.send?.({ kids: record.keys.map((key) => key.kid), created })
})
process.send?.('ready')
