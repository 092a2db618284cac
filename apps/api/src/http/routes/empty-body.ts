import { z } from 'zod'

/** Of a call that needs nothing to be said: an object without fields, or no body at all. */
export const emptyBody = z.strictObject({})
