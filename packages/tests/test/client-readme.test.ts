import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, promisify } from 'node:util'
import { marked, type Token, type Tokens } from 'marked'
import { expect, test, vi } from 'vitest'
import { createInstallation } from '../src/installation.ts'

/*
 * The examples of packages/client/README.md, taken out of it, compiled and run against a real server in the order in
 * which they stand. A word after `ts` says what the example needs: a `page` around it, a server that is `down`, or
 * one that is killed before it and comes back when it has said that it waits (`restart`).
 */

interface Example {
  needs: string
  code: string
  prints: string
}

const readme = new URL('../../client/README.md', import.meta.url)
/** Beside the tests, so that the examples find the packages. */
const folder = fileURLToPath(new URL('../test-results/client-readme', import.meta.url))
const promised = 'http://localhost:3000'

function readExamples(markdown: string): Example[] {
  const blocks = marked.lexer(markdown).filter((token: Token): token is Tokens.Code => token.type === 'code')
  return blocks.flatMap(({ lang = '', text: code }, at) => {
    const [language, needs = ''] = lang.split(' ')
    if (language !== 'ts') return []
    const output = blocks[at + 1]
    if (output?.lang !== 'text') throw new Error(`expected to read what this example prints:\n${code}`)
    return [{ needs, code, prints: output.text }]
  })
}

const examples = readExamples(await readFile(readme, 'utf8'))
const fileOf = (at: number) => join(folder, `example-${at}.ts`)

async function writeExamples(origin: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await Promise.all(
    examples.map(({ code }, at) =>
      writeFile(fileOf(at), `${code.replaceAll(promised, origin)}\nexport {}\n`),
    ),
  )
}

test('the examples of the client compile, and print what its README says', async () => {
  const holdfast = await createInstallation()
  let server = await holdfast.start()
  const { port } = server
  const origin = `http://127.0.0.1:${port}`
  await writeExamples(origin)
  await compile()

  for (const [at, { needs, prints }] of examples.entries()) {
    if (needs === 'down' || needs === 'restart') await server.process.kill()
    const comeBack = async () => {
      server = await holdfast.start({ env: { PORT: String(port) } })
    }
    let cameBack: Promise<void> | undefined
    const printed: string[] = []
    const log = vi.spyOn(console, 'log').mockImplementation((...values) => {
      printed.push(format(...values))
      if (needs === 'restart') cameBack ??= comeBack()
    })
    vi.stubGlobal('codeFromMail', async (email: string) => (await holdfast.mailServer.nextMail(email)).code)
    if (needs === 'page') vi.stubGlobal('location', { origin })

    await import(fileOf(at))

    log.mockRestore()
    vi.unstubAllGlobals()
    await cameBack
    if (needs === 'down') await comeBack()
    expect(printed.join('\n'), `example ${at}`).toBe(prints)
  }
})

async function compile(): Promise<void> {
  await writeFile(
    join(folder, 'declared.d.ts'),
    'declare function codeFromMail(address: string): Promise<string>\n',
  )
  const settings = {
    extends: '../../tsconfig.json',
    compilerOptions: { lib: ['es2024', 'dom'] },
    include: ['*.ts'],
    exclude: [],
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch(({ stdout }) => {
    throw new Error(`expected the examples to compile, found\n${stdout}`)
  })
}
