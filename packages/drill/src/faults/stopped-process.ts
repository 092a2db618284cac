import type { Fault } from './fault.ts'

/** Every server stands still, as in a machine that is being moved, and goes on. */
export const sigstop: Fault = async (site) => {
  const processes = site.servers.map((server) => server.process)
  for (const process of processes) process.signal('SIGSTOP')
  return async () => {
    for (const process of processes) process.signal('SIGCONT')
  }
}
