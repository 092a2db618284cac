import type { Fault } from './fault.ts'

/** Another key signs from now on, at every server, while cookies of the older one come back. */
export const keyRotation: Fault = async (site) => {
  await site.rotateKeys()
  return async () => {}
}
