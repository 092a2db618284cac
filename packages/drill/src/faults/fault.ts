import type { StrikePlan } from '../plan.ts'
import type { Site } from '../site.ts'

/** Does something to a site and undoes it: resolves once the site is as it was, with every server ready. */
export type Fault = (site: Site, strike: StrikePlan) => Promise<void>
