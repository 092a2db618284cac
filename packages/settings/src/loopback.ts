const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i

/** Whether a host, with or without a port, names this machine itself. */
export function isLoopback(host: string): boolean {
  return loopback.test(host)
}

/** Whether the other end of a connection is on this machine. Without an address, as on a Unix socket, it is not. */
export function isLoopbackAddress(address = ''): boolean {
  return address === '::1' || isLoopback(address.replace(/^::ffff:/, ''))
}
