import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below those that systems give out at random. */
const [least, most] = [10_000, 32_767]
let next = randomInt(least, most)

/** A port that nobody is given at random: who lets go of it for a while finds it free again. */
export async function portOfItsOwn(): Promise<number> {
  for (;;) {
    const port = next
    next = next === most ? least : next + 1
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
