const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i

/** Whether a host, with or without a port, names this machine itself. */
export function isLoopback(host: string): boolean {
  return loopback.test(host)
}
