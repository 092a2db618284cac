import { Command, InvalidArgumentError } from 'commander'
import { printReport, type Report, type ReportOptions } from '../report.ts'
import { checkKeys } from './check-keys.ts'
import { importKeys } from './import-keys.ts'
import { type KeyCommand, withKeys } from './key-command.ts'
import * as help from './keys-help.ts'
import { listKeys } from './list-keys.ts'
import { retire } from './retire-key.ts'
import { revoke } from './revoke-key.ts'
import { rotate } from './rotate-keys.ts'
import { wrapKeys } from './wrap-keys.ts'

export function keysCommand(): Command {
  const keys = new Command('keys')
    .description('the secret keys: list, rotate, retire, revoke, check, wrap, import')
    .addHelpText('after', help.keys)
    .showHelpAfterError('(--help says what there is)')

  add(keys, 'list', 'every key with its state and age, and who still needs it', help.list).action(
    (options: ReportOptions) => run(options, listKeys),
  )
  add(keys, 'rotate', 'add a key that signs once every process has had time to load it', help.rotate)
    .option('--in <seconds>', 'when it begins to sign; default: two times KEY_RELOAD_SECONDS', parseSeconds)
    .action((options: ReportOptions & { in?: number }) => run(options, (command) => rotate(command, options)))
  add(
    keys,
    'retire',
    'end a key that nothing alive needs; refuses, with counts and times, while something does',
    help.retire,
  )
    .argument('<kid>', 'the key, as `list` names it')
    .option('--later', 'let it verify until nothing alive can need it, and then end by itself')
    .action((kid: string, options: ReportOptions & { later?: boolean }) =>
      run(options, (command) => retire(command, kid, options)),
    )
  add(keys, 'revoke', 'end a key that has leaked, and whatever it signed, at once', help.revoke)
    .argument('<kid>', 'the key, as `list` names it')
    .option('--dry-run', 'only say what would end')
    .action((kid: string, options: ReportOptions & { dryRun?: boolean }) =>
      run(options, (command) => revoke(command, kid, options)),
    )
  add(keys, 'check', 'what the next start would make of the keys; changes nothing', help.check).action(
    (options: ReportOptions) => run(options, checkKeys),
  )
  add(keys, 'wrap', 'write the ring once more, wrapped by a key management service', help.wrap)
    .requiredOption('--with <service:key>', 'such as aws-kms:alias/holdfast or vault:transit/holdfast')
    .option('--out <path>', 'where to; default: secret_key.wrapped.json in DATA_DIR')
    .action((options: ReportOptions & { with: string; out?: string }) =>
      run(options, (command) => wrapKeys(command, options)),
    )
  add(
    keys,
    'import',
    'take in the keys of an older secret_key.txt or of a backup: to verify, not to sign',
    help.imports,
  )
    .argument('[file]', 'default: rewrite the one-line file of an older app as a ring, in its place')
    .action((file: string | undefined, options: ReportOptions) =>
      run(options, (command) => importKeys(command, file)),
    )
  return keys
}

function add(keys: Command, name: string, description: string, example: string): Command {
  return keys
    .command(name)
    .description(description)
    .option('--json', 'one line of JSON, for machines')
    .addHelpText('after', example)
}

function run(options: ReportOptions, action: (command: KeyCommand) => Promise<Report>): Promise<void> {
  return printReport(options, () => withKeys(action))
}

function parseSeconds(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('expected a whole number of seconds')
  return Number(text)
}
