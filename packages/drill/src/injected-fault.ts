import { spawnSync } from 'node:child_process'

/** Whether faults can be injected here: strace is installed and may trace. */
export const canInject = succeeds('strace', '-qq', '-e', 'trace=none', 'true')

/** Whether folders can be mounted here, for one process only. */
export const canMount = succeeds('unshare', '-m', 'true')

/** The words that run a program so that one of its system calls on `path` ends in `fault`. */
export function injecting(fault: string, systemCall: string, path?: string): string[] {
  return [
    'strace',
    ...['-f', '-qq', '--seccomp-bpf', '-o', '/dev/null'],
    ...['-e', `trace=${systemCall}`, '-e', `inject=${systemCall}:${fault}`],
    ...(path === undefined ? [] : ['-P', path]),
  ]
}

/** The words that run a program to which `folder` is on a read-only file system. It becomes that program. */
export function withReadOnly(folder: string): string[] {
  const mounted = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
  return ['unshare', '-m', 'sh', '-c', mounted, folder]
}

function succeeds(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}
