/** What V8 writes with `--cpu-prof`: a tree of calls and which of them each sample hit. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  /** Microseconds on the same monotonic clock as `process.hrtime`. */
  startTime: number
  samples: number[]
  timeDeltas: number[]
}

export interface SelfTime {
  name: string
  /** Of the time in which the process did anything. */
  share: number
}

export interface SelfTimes {
  /** By npm package, or by file where it is our own. */
  places: SelfTime[]
  functions: SelfTime[]
}

interface Period {
  fromMicros: number
  toMicros: number
}

/** Adds up where the samples of a period fell, most first. Idle time is left out. */
export function sumSelfTimes(profile: CpuProfile, period: Period): SelfTimes {
  const frames = new Map(profile.nodes.map((node) => [node.id, node.callFrame]))
  const places = new Map<string, number>()
  const functions = new Map<string, number>()
  let busyMicros = 0
  let nowMicros = profile.startTime
  for (const [index, id] of profile.samples.entries()) {
    const micros = profile.timeDeltas[index] ?? 0
    nowMicros += micros
    const frame = frames.get(id)
    if (frame === undefined || frame.functionName === '(idle)') continue
    if (nowMicros < period.fromMicros || nowMicros > period.toMicros) continue
    busyMicros += micros
    const place = placeOf(frame)
    add(places, place, micros)
    add(functions, `${frame.functionName || '(anonymous)'}  ${place}:${frame.lineNumber + 1}`, micros)
  }
  return { places: sorted(places, busyMicros), functions: sorted(functions, busyMicros) }
}

function placeOf({ url, functionName }: CpuProfile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native code'
  if (url.startsWith('node:')) return url
  const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]
  return inPackage ?? url.replace(/^.*\/(?=(?:apps|packages)\/)/, '')
}

function add(sums: Map<string, number>, name: string, micros: number): void {
  sums.set(name, (sums.get(name) ?? 0) + micros)
}

function sorted(sums: Map<string, number>, all: number): SelfTime[] {
  return [...sums].map(([name, micros]) => ({ name, share: micros / all })).sort((a, b) => b.share - a.share)
}
