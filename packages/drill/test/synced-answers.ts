/** One answer to a request that writes, as the trace of system calls shows it. */
export interface TracedAnswer {
  status: number
  /** Something was written to the log of the store and not synced when the answer left. */
  isAheadOfDisk: boolean
  /** How often the log was synced since the answer before. */
  syncs: number
}

/**
 * Reads a trace that strace made of a server's main thread, with the paths of its files: whether each answer left
 * after what it acknowledges was on the disk. SQLite appends to the log with pwrite64 and syncs it with fdatasync;
 * both happen there, as do the writes to the sockets. Answers to requests that only read have no place in it.
 */
export function readAnswers(trace: string): TracedAnswer[] {
  const answers: TracedAnswer[] = []
  let isDirty = false
  let syncs = 0
  for (const line of trace.split('\n')) {
    if (/^pwrite64\(\d+<[^>]*-wal>/.test(line)) isDirty = true
    else if (/^f(?:data)?sync\(\d+<[^>]*-wal>\) += 0/.test(line)) {
      isDirty = false
      syncs += 1
    } else {
      const status = /^(?:write|writev|sendto|sendmsg)\(\d+<(?:socket|TCP).*"HTTP\/1\.1 (2\d\d)/.exec(
        line,
      )?.[1]
      if (status === undefined) continue
      answers.push({ status: Number(status), isAheadOfDisk: isDirty, syncs })
      syncs = 0
    }
  }
  return answers
}
