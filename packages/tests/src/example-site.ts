import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

/** A site of somebody else with the files of an example, under the policy that docs/embedding.md names. */
export interface ExampleSite {
  /** On the site of a Holdfast that is opened as `localhost`. */
  origin: string
  /** The same under another name, which to a browser is another site. */
  crossSite: string
  /** Where the Holdfast is that the example is to use in place of the one that it names. */
  use(holdfastOrigin: string): void
}

/** Serves `examples/<name>` for the running test. */
export async function startExampleSite(name: string): Promise<ExampleSite> {
  const folder = fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url))
  let holdfast = 'http://localhost:3000'
  const server = createServer(async (request, response) => {
    const file = request.url === '/' ? '/index.html' : (request.url ?? '')
    const content = await readFile(`${folder}${file}`, 'utf8').catch(() => undefined)
    if (content === undefined) return response.writeHead(404).end()
    const policy = `default-src 'none'; script-src 'self' ${holdfast}; connect-src ${holdfast}; style-src 'self'`
    return response
      .writeHead(200, { 'content-type': types[extname(file)] ?? '', 'content-security-policy': policy })
      .end(content.replaceAll('http://localhost:3000', holdfast))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://localhost:${port}`,
    crossSite: `http://127.0.0.1:${port}`,
    use(holdfastOrigin) {
      holdfast = holdfastOrigin
    },
  }
}
