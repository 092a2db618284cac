import type { Fault } from './fault.ts'

/** As a deploy does it: each victim finishes what is under way, and another process starts in its place. */
export const sigterm: Fault = async (site, { victims }) => {
  await Promise.all(
    victims.map(async (slot) => {
      await site.stop(slot)
      await site.start(slot)
    }),
  )
  return async () => {}
}

/** The victims, and a command that works on the keys, die in the middle of whatever they do. */
export const sigkill: Fault = async (site, { victims }) => {
  await site.kill(victims)
  return async () => {
    await Promise.all(victims.map((slot) => site.start(slot)))
  }
}
