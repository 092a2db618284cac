import { registerHooks } from 'node:module'

/*
 * Opens and loads the key source that the first argument describes (JSON), and prints every module that Node
 * had to load for it, one a line.
 */

const loaded: string[] = []
registerHooks({
  load(url, context, nextLoad) {
    loaded.push(url)
    return nextLoad(url, context)
  },
})
const { openKeySource } = await import('../src/index.ts')
const source = await openKeySource(JSON.parse(process.argv[2] ?? ''), { environment: {}, waitMs: 100 })
// A key service without its settings fails, after its package was loaded.
await source.load({ create: true, nowMs: 1_700_000_000_000 }).catch(() => {})
process.stdout.write(loaded.join('\n'))
