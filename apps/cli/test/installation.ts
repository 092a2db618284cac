import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type KeyRingRecord, keyFileSource, parseKeyRing } from '@holdfast/core'
import { openStore, type SqliteStore } from '@holdfast/store'
import { expect, onTestFinished } from 'vitest'
import { showing } from './secret-traces.ts'

const tool = fileURLToPath(new URL('../bin/holdfast.mjs', import.meta.url))

export interface ToolRun {
  exitCode: number | null
  stdout: string
  stderr: string
  /** The one line of JSON on standard output. */
  json: Record<string, unknown>
}

/** A folder with the keys and the store of a server, and the tool to be run in it. */
export interface Installation {
  folder: string
  dataFolder: string
  keyFile: string
  storePath: string
  /** Runs the tool as a process, and fails the test when anything secret is in its output. */
  holdfast(args: string, env?: Record<string, string>): Promise<ToolRun>
  putRing(record: KeyRingRecord): Promise<void>
  readRing(): Promise<KeyRingRecord>
  /** Makes the store, as a server does at its first start. Closed when the test has finished. */
  openStore(): Promise<SqliteStore>
}

/** Makes an installation for the running test, and removes it when the test has finished. */
export async function createInstallation(settings: Record<string, string> = {}): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const dataFolder = join(folder, 'data')
  const keyFile = join(dataFolder, 'secret_key.txt')
  const storePath = join(dataFolder, 'holdfast.db')
  const secrets = new Map<string, Uint8Array>()

  async function readRing(): Promise<KeyRingRecord> {
    return parseKeyRing(await readFile(keyFile, 'utf8'))
  }

  /** The keys come and go with the commands: those of before and after a run are both secret. */
  async function noteSecrets(): Promise<void> {
    const ring = await readRing().catch(() => undefined)
    for (const { kid, secret } of ring?.keys ?? []) if (secret !== null) secrets.set(kid, secret)
  }

  return {
    folder,
    dataFolder,
    keyFile,
    storePath,
    readRing,
    async holdfast(args, env = {}) {
      await noteSecrets()
      const run = await runTool(args.split(' ').filter(Boolean), folder, { ...settings, ...env })
      await noteSecrets()
      for (const secret of secrets.values()) expect(showing(secret, [run.stdout, run.stderr])).toEqual([])
      expect(run.stderr).not.toMatch(/^ +at /m)
      return run
    },
    putRing: (record) => keyFileSource({ path: keyFile }).put(record),
    async openStore() {
      const store = await openStore(storePath)
      onTestFinished(() => store.close())
      return store
    },
  }
}

/** The tool, as `holdfast` starts it. */
export function spawnTool(args: readonly string[], folder: string, env: Record<string, string> = {}) {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', tool, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function runTool(
  args: readonly string[],
  folder: string,
  env: Record<string, string>,
): Promise<ToolRun> {
  const child = spawnTool(args, folder, env)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)])
  return {
    exitCode: child.exitCode,
    stdout,
    stderr,
    get json() {
      expect(stdout).toMatch(/^\{.*\}\n$/)
      return JSON.parse(stdout)
    },
  }
}

async function exitOf(child: ChildProcess): Promise<void> {
  await once(child, 'close')
}
