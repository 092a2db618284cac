import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const marks = "\ndocument.documentElement.dataset.release = 'next'\n"

/** What lies in a folder of a release beside the one that runs. */
export interface Release {
  /** The program that starts its server. */
  main: string
}

/** Builds the release after this one, from the same source and a line more in the page's script, in a folder of its own. */
export async function buildNextRelease(): Promise<Release> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-release-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await cp(join(repository, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'))
  for (const app of ['apps/api', 'apps/web']) await copyApp(app, folder)
  const web = join(folder, 'apps/web')
  await appendFile(join(web, 'src/main.ts'), marks)
  await run(web, 'vite', 'build')
  await run(web, 'vite', 'build', '--ssr', 'src/render.ts')
  return { main: join(folder, 'apps/api/bin/holdfast-api.mjs') }
}

/** The app as it is in the repository, without what was built; its packages stay where they are. */
async function copyApp(app: string, folder: string): Promise<void> {
  const from = join(repository, app)
  const left = new Set([join(from, 'node_modules'), join(from, 'dist'), join(from, 'test')])
  await mkdir(join(folder, app), { recursive: true })
  await cp(from, join(folder, app), { recursive: true, filter: (source) => !left.has(source) })
  await symlink(join(from, 'node_modules'), join(folder, app, 'node_modules'))
}

async function run(folder: string, command: string, ...args: string[]): Promise<void> {
  const program = join(folder, 'node_modules/.bin', command)
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${code}:\n${output}${errors}`)
}
