/** Milliseconds on a clock that processes share, finer than that of the date. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now()
}
