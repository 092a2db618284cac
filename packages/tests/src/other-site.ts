import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A web server of somebody else, with one plain page at every address. */
export interface OtherSite {
  /** Its origin on the site of a Holdfast that is opened as `localhost`. */
  sameSite: string
  /** Its origin under another name, which to a browser is another site. */
  crossSite: string
  /** The paths that were asked for, oldest first. */
  visits: string[]
}

/** Starts it for the running test. With `sendBackTo` it sends every visitor there. */
export async function startOtherSite(sendBackTo?: () => string): Promise<OtherSite> {
  const visits: string[] = []
  const server = createServer((request, response) => {
    if (request.url !== '/favicon.ico') visits.push(request.url ?? '')
    if (sendBackTo !== undefined) response.writeHead(302, { location: sendBackTo() }).end()
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Other</title><h1>Welcome</h1>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const { port } = server.address() as AddressInfo
  return { sameSite: `http://localhost:${port}`, crossSite: `http://127.0.0.1:${port}`, visits }
}
