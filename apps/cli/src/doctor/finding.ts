export type Level = 'ok' | 'warning' | 'fault'

/** One thing that was looked at. */
export interface Finding {
  level: Level
  /** What it is about, in a word or two. */
  about: string
  says: string
  /** What to do about it, where there is something to do. */
  remedy?: string
  /** The same in numbers. */
  data?: object
}

export function fine(about: string, says: string, data?: object): Finding {
  return { level: 'ok', about, says, ...(data === undefined ? {} : { data }) }
}
