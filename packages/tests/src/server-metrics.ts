import { createProxiedFetch, type RunningServer } from '@holdfast/drill'

/** The sum of a metric over those of its labels that contain `label`, as Prometheus reads it. */
export async function readMetric(server: RunningServer, name: string, label = ''): Promise<number> {
  const answer = await createProxiedFetch(server.port)(`${server.origin}/metrics`)
  const lines = (await answer.text()).split('\n')
  const samples = lines.filter((line) => new RegExp(`^${name}[ {]`).test(line) && line.includes(label))
  if (samples.length === 0) throw new Error(`expected a metric ${name} with ${label}`)
  return samples.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

/** The status of `/readyz`. */
export async function readiness(server: RunningServer): Promise<number> {
  return (await createProxiedFetch(server.port)(`${server.origin}/readyz`)).status
}
