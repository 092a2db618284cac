import ipaddr from 'ipaddr.js'
import proxyAddr from 'proxy-addr'
import type { HttpContext } from './http-context.ts'

/**
 * Tells whom a request is counted against: the client's IPv4 address or its IPv6 /64. The client is the
 * first hop from the right of X-Forwarded-For that is no trusted proxy; with no proxy trusted, the
 * connection itself. (ASVS 4.1.3)
 *
 * @throws {TypeError} when the list holds something else than addresses and CIDR ranges
 */
export function createClientNetwork(trustedProxies: readonly string[]): (ctx: HttpContext) => string {
  const isTrusted = proxyAddr.compile([...trustedProxies])
  return function clientNetwork(ctx) {
    const address = proxyAddr(ctx.req, isTrusted)
    if (address === undefined || !ipaddr.isValid(address)) return 'unreadable'
    const parsed = ipaddr.process(address)
    if (parsed.kind() === 'ipv4') return parsed.toString()
    return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`
  }
}
