import type { Fault } from './fault.ts'

/** Another key signs from now on, at every server, while requests are under way. */
export const keyRotation: Fault = async (site) => {
  await site.rotateKeys()
}
