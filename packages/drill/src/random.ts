import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Choices that a seed repeats. */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return uniformInt(this.#generator, least, most)
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    const left = [...items]
    const drawn: Item[] = []
    while (left.length > 0) drawn.push(...left.splice(this.between(0, left.length - 1), 1))
    return drawn
  }
}
