/** What a caller may know of a budget: its own network's or its own verification's, never that of an address. */
export interface RateLimit {
  name: 'network' | 'resend' | 'send' | 'tries' | 'verify'
  most: number
  left: number
  windowInSeconds?: number
  /** Until when nothing of it is left, or all of it is there again. */
  resetsInSeconds?: number
}
