import type { StrikePlan } from '../plan.ts'
import type { Site } from '../site.ts'

/**
 * Does something to a site: resolves once it has struck, with the way to undo it, after which the site is as it was
 * and every server ready.
 */
export type Fault = (site: Site, strike: StrikePlan) => Promise<() => Promise<void>>
