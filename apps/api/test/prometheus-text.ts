export interface Sample {
  name: string
  type: string
  labels: Record<string, string>
  value: number
}

const namePattern = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const samplePattern = new RegExp(`^(${namePattern})(?:\\{(.*)\\})? (\\S+)$`)

/** Reads Prometheus' text format 0.0.4. Throws at a line that is none, and at a sample without HELP and TYPE. */
export function readSamples(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const helped = new Set<string>()
  const types = new Map<string, string>()
  const samples: Sample[] = []
  for (const line of text.split('\n').filter((written) => written !== '')) {
    const [, about, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (about === 'HELP') helped.add(name)
    else if (about === 'TYPE') types.set(name, rest)
    else samples.push(readSample(line, helped, types))
  }
  return samples
}

function readSample(line: string, helped: Set<string>, types: Map<string, string>): Sample {
  const [, name = '', labels = '', value = ''] = samplePattern.exec(line) ?? []
  const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '')
  const type = types.get(family)
  if (type === undefined || !helped.has(family)) throw new Error(`no HELP and TYPE before: ${line}`)
  if (!Number.isFinite(Number(value))) throw new Error(`no number: ${line}`)
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\\n]|\\.)*)",?/g)].map(([, key, label]) => [key, label])
  return { name, type, labels: Object.fromEntries(pairs), value: Number(value) }
}
