import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

/*
 * Loaded before a program with --import: some pieces of its source text are others. The file at
 * HOLDFAST_DRILL_REPLACED says which, as JSON: [{ path, find, put }]. Text that is not there once, and once only,
 * ends the program: a protection that has moved must not look as if it had been taken out.
 */
const pieces = JSON.parse(readFileSync(process.env.HOLDFAST_DRILL_REPLACED, 'utf8'))

for (const { path, find } of pieces) {
  const times = readFileSync(path, 'utf8').split(find).length - 1
  if (times !== 1) throw new Error(`expected once in ${path}, found ${times} times: ${find}`)
}

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const path = url.startsWith('file:') ? fileURLToPath(url) : undefined
    const own = pieces.filter((piece) => piece.path === path)
    if (own.length === 0) return loaded
    // A function, since in a text $& and its like would be filled in.
    const source = own.reduce((text, { find, put }) => text.replace(find, () => put), String(loaded.source))
    return { ...loaded, source }
  },
})
