/**
 * What `work` gives, or an AbortError once `signal` aborts, whatever its reason. For work that is handed the
 * signal and does not heed it everywhere: SDKs do not while they look for credentials.
 */
export async function untilAborted<Result>(
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const ended = new DOMException('The call was ended.', 'AbortError')
  if (signal.aborted) throw ended
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(ended)
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([work(), aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
