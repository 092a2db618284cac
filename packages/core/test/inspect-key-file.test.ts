import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { inspectKeyFile } from '../src/inspect-key-file.ts'
import { KeyRingError } from '../src/key-ring-error.ts'
import { temporaryFolder } from './temporary-folder.ts'

const isRoot = process.getuid?.() === 0
let folder: string
let path: string

beforeEach(async () => {
  folder = await temporaryFolder()
  path = join(folder, 'secret_key.txt')
})

afterEach(() => {
  vi.restoreAllMocks()
})

async function makeFile(mode: string, at = path): Promise<void> {
  await writeFile(at, 'a key')
  await chmod(at, mode)
}

/** The concerns, without the remedies behind the semicolon. */
async function concernsOf(at = path): Promise<string[] | undefined> {
  const inspected = await inspectKeyFile(at)
  return inspected?.concerns.map((concern) => concern.split(';')[0] ?? '')
}

const isRead = 'can be read by other users of this machine'
const isChanged = 'can be changed by other users of this machine'
const isOpenFolder = 'is in a folder where anybody can put another in its place'

test('inspectKeyFile gives undefined where nothing is', async () => {
  expect(await inspectKeyFile(path)).toBeUndefined()
  expect(await inspectKeyFile(join(folder, 'gone', 'key'))).toBeUndefined()
})

describe('inspectKeyFile of a file of its own user', () => {
  test.each([
    { mode: '600', concerns: [] },
    { mode: '400', concerns: [] },
    { mode: '700', concerns: [] },
    { mode: '640', concerns: [isRead] },
    { mode: '604', concerns: [isRead] },
    { mode: '644', concerns: [isRead] },
    { mode: '666', concerns: [isRead] },
    { mode: '620', concerns: [isChanged] },
    { mode: '602', concerns: [isChanged] },
    { mode: '610', concerns: [] },
  ])('with mode $mode says $concerns', async ({ mode, concerns }) => {
    await makeFile(mode)
    expect(await concernsOf()).toEqual(concerns)
    expect((await inspectKeyFile(path))?.isLink).toBe(false)
  })

  test('says how to mend a mode', async () => {
    await makeFile('644')
    expect((await inspectKeyFile(path))?.concerns).toEqual([`${isRead}; run: chmod 600 ${path}`])
  })

  test.each([
    { mode: '777', concerns: [isOpenFolder] },
    { mode: '1777', concerns: [] },
    { mode: '775', concerns: [] },
    { mode: '757', concerns: [isOpenFolder] },
  ])('in a folder of mode $mode says $concerns', async ({ mode, concerns }) => {
    await makeFile('600')
    await chmod(folder, mode)
    expect(await concernsOf()).toEqual(concerns)
  })

  test('has no concerns where the system has no users', async () => {
    await makeFile('666')
    vi.spyOn(process, 'getuid').mockReturnValue(undefined as unknown as number)
    expect(await concernsOf()).toEqual([])
  })
})

describe.skipIf(!isRoot)('inspectKeyFile of a file of somebody else (skipped where not root)', () => {
  test.each([
    { owner: 1234, mode: '600', concerns: ['belongs to user 1234, who can change it'] },
    { owner: 1234, mode: '644', concerns: ['belongs to user 1234, who can change it', isRead] },
  ])('for root says of owner $owner and mode $mode: $concerns', async ({ owner, mode, concerns }) => {
    await makeFile(mode)
    await chown(path, owner, owner)
    expect(await concernsOf()).toEqual(concerns)
  })

  // A mount belongs to root, and its group may read it: that is how Kubernetes gives it to a user.
  test.each([
    { mode: '400', concerns: [] },
    { mode: '440', concerns: [] },
    { mode: '640', concerns: [] },
    { mode: '444', concerns: [isRead] },
    { mode: '644', concerns: [isRead] },
    { mode: '460', concerns: [isChanged] },
  ])('for another user says of a file of root with mode $mode: $concerns', async ({ mode, concerns }) => {
    await makeFile(mode)
    vi.spyOn(process, 'getuid').mockReturnValue(1000)
    expect(await concernsOf()).toEqual(concerns)
  })

  test('for another user says how to mount it, not how to change it', async () => {
    await makeFile('444')
    vi.spyOn(process, 'getuid').mockReturnValue(1000)
    expect((await inspectKeyFile(path))?.concerns).toEqual([
      `${isRead}; mount it with mode 0400, or 0440 with fsGroup`,
    ])
  })

  test('for another user says who owns it and how to take it over', async () => {
    await makeFile('600')
    await chown(path, 1234, 1234)
    vi.spyOn(process, 'getuid').mockReturnValue(1000)
    expect((await inspectKeyFile(path))?.concerns).toEqual([
      `belongs to user 1234, who can change it; run: chown 1000 ${path}`,
    ])
  })
})

describe('inspectKeyFile refuses', () => {
  test.each([
    { what: 'a folder', make: () => mkdir(path) },
    { what: 'a FIFO', make: async () => execFileSync('mkfifo', [path]) },
  ])('$what', async ({ make }) => {
    await make()
    await expect(inspectKeyFile(path)).rejects.toThrow(new KeyRingError('is not a regular file'))
  })

  test('a device', async () => {
    await expect(inspectKeyFile('/dev/zero')).rejects.toThrow(new KeyRingError('is not a regular file'))
  })

  test('more than 64 KiB, and takes 64 KiB', async () => {
    await writeFile(path, ' '.repeat(65_536))
    expect(await inspectKeyFile(path)).toBeDefined()
    await writeFile(path, ' '.repeat(65_537))
    await expect(inspectKeyFile(path)).rejects.toThrow(new KeyRingError('is larger than 64 KiB'))
  })

  const isElsewhere = 'is a symbolic link that leads out of its folder; name the file itself'

  test.each<{ link: string; target: () => string; fault: string }>([
    { link: 'out of its folder', target: () => '/etc/hostname', fault: isElsewhere },
    { link: 'to a device', target: () => '/dev/zero', fault: isElsewhere },
    { link: 'to the folder above', target: () => '..', fault: isElsewhere },
    { link: 'to its own folder', target: () => '.', fault: isElsewhere },
    {
      link: 'to a folder beside it whose name begins alike',
      target: () => `${folder}-2`,
      fault: isElsewhere,
    },
    { link: 'to nothing', target: () => 'gone', fault: 'is a symbolic link that leads nowhere' },
    { link: 'to itself', target: () => path, fault: 'is a symbolic link that leads back to itself' },
  ])('a link $link', async ({ target, fault }) => {
    await mkdir(`${folder}-2`)
    try {
      await symlink(target(), path)
      await expect(inspectKeyFile(path)).rejects.toThrow(new KeyRingError(fault))
    } finally {
      await rm(`${folder}-2`, { recursive: true })
    }
  })

  test('two links that lead to each other', async () => {
    await symlink('other', path)
    await symlink('secret_key.txt', join(folder, 'other'))
    await expect(inspectKeyFile(path)).rejects.toThrow('leads back to itself')
  })
})

describe('inspectKeyFile of a mount of Kubernetes', () => {
  async function mount(version: string, mode = '440'): Promise<void> {
    await mkdir(join(folder, version))
    await makeFile(mode, join(folder, version, 'secret_key.txt'))
    await symlink(version, join(folder, '..data_tmp'))
    await rename(join(folder, '..data_tmp'), join(folder, '..data'))
  }

  test('takes the link to it, as one that its group may read', async () => {
    await mount('..2026_01')
    await symlink('..data/secret_key.txt', path)
    expect(await inspectKeyFile(path)).toEqual({ isLink: true, concerns: [] })
  })

  test('says when everybody may read it', async () => {
    await mount('..2026_01', '444')
    await symlink('..data/secret_key.txt', path)
    expect(await concernsOf()).toEqual([isRead])
  })

  test('takes it when the folder itself is reached by a link', async () => {
    await mount('..2026_01')
    await symlink('..data/secret_key.txt', path)
    await symlink(folder, `${folder}-link`)
    try {
      expect(await inspectKeyFile(`${folder}-link/secret_key.txt`)).toEqual({ isLink: true, concerns: [] })
    } finally {
      await rm(`${folder}-link`)
    }
  })

  test('takes it at any moment while the mount moves on from version to version', async () => {
    await mount('..0')
    await symlink('..data/secret_key.txt', path)
    let isMoving = true
    const moving = (async () => {
      for (let version = 1; version <= 200; version++) {
        await mount(`..${version}`)
        await rm(join(folder, `..${version - 1}`), { recursive: true })
      }
      isMoving = false
    })()
    let looks = 0
    while (isMoving) {
      expect(await inspectKeyFile(path)).toEqual({ isLink: true, concerns: [] })
      looks += 1
    }
    await moving
    expect(looks).toBeGreaterThan(20)
  })
})
