import type { Evidence, Violation } from './evidence.ts'

/** Everybody who began a journey came to its end, and every server came back. */
export function lostPeople({ lines }: Evidence): Violation[] {
  const ended = new Set(lines.flatMap((line) => (line.kind === 'journey-ends' ? [line.who] : [])))
  const because = new Map(
    lines.flatMap((line) => (line.kind === 'journey-lost' ? [[line.who, line.because] as const] : [])),
  )
  return lines.flatMap((line): Violation[] => {
    if (line.kind === 'site-failed') return [{ invariant: 'lost', what: line.because, operations: [] }]
    if (line.kind !== 'journey-begins' || ended.has(line.who)) return []
    const what = because.get(line.who) ?? 'the journey never came to its end'
    return [{ invariant: 'lost', who: line.who, what, operations: [] }]
  })
}
