/** How long things took, counted by upper bounds in seconds: what a histogram of Prometheus is made of. */
export class DurationBuckets {
  readonly bounds: readonly number[]
  readonly #counts: number[]
  count = 0
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.#counts = bounds.map(() => 0)
  }

  observe(seconds: number): void {
    this.count += 1
    this.sum += seconds
    const index = this.bounds.findIndex((bound) => seconds <= bound)
    if (index >= 0) this.#counts[index] = (this.#counts[index] ?? 0) + 1
  }

  /** How many took at most so long, for each bound. */
  cumulative(): { bound: number; count: number }[] {
    let count = 0
    return this.bounds.map((bound, index) => {
      count += this.#counts[index] ?? 0
      return { bound, count }
    })
  }
}
