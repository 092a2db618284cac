#!/usr/bin/env node
import { fileURLToPath } from 'node:url'

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`holdfast cannot start: it needs Node 24, and this is ${process.versions.node}\n`)
  process.exit(78)
}

/*
 * Starts the server faster than `node src/main.ts` does: what Node compiles is kept for the next start. The
 * folder is our own, since in the shared temporary one another user could put code for us to run. This file
 * is plain JavaScript so that the compiler of TypeScript need not be loaded only to find that all is kept.
 * Loading takes the longest of a start, and SIGHUP ends a process in which nobody listens for it.
 */
process.on('SIGHUP', () => {})
const { enableCompileCache } = await import('node:module')
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)))
await import('../src/main.ts')
