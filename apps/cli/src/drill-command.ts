import { randomInt } from 'node:crypto'
import { Command, InvalidArgumentError, Option } from 'commander'

interface DrillCommandOptions {
  seed?: number
  short?: boolean
  people?: number
  rows?: string[]
  columns?: string[]
  history?: string
  out?: string
  keep?: boolean
}

/** `holdfast drill`. It brings servers, a mail server and people of its own: the variables here do not matter. */
export function drillCommand(): Command {
  return new Command('drill')
    .description('kills, restarts, rotates and cuts off servers of its own, and counts what survived')
    .option('--seed <number>', 'repeat the plan of an earlier run', parseWhole)
    .option('--short', 'about a minute in place of ten')
    .option('--people <number>', 'how many in all', parseWhole)
    .addOption(
      new Option('--rows <names>', 'only these things under way, comma separated').argParser(parseList),
    )
    .addOption(new Option('--columns <names>', 'only these faults, comma separated').argParser(parseList))
    .option('--history <file>', 'write every request and answer there, one line of JSON each')
    .option('--out <file>', 'write the survival matrix there, as Markdown')
    .option('--keep', 'leave the folders of the servers where they are')
    .addHelpText('after', help)
    .action(run)
}

const help = `
It exits 0 when everything held, and 1 otherwise; what each row and column means is in docs/survival.md.

Example:
  $ holdfast drill --short --seed 7
  $ holdfast drill --rows right-code,signed-out --columns sigkill --history history.jsonl
`

async function run(options: DrillCommandOptions, command: Command): Promise<void> {
  // Loaded only now: it brings an SMTP server along.
  const { drill, parseColumnNames, parseRowNames } = await import('@holdfast/drill')
  const { seed = randomInt(1_000_000), people, history, out } = options
  const parsed = <Name>(names: string[], parse: (names: string[]) => Name[]) => {
    try {
      return parse(names)
    } catch (error) {
      return command.error(`error: ${(error as Error).message}`)
    }
  }
  process.exitCode = await drill({
    seed,
    isShort: options.short === true,
    keepFolders: options.keep === true,
    ...(people === undefined ? {} : { people }),
    ...(options.rows === undefined ? {} : { rows: parsed(options.rows, parseRowNames) }),
    ...(options.columns === undefined ? {} : { columns: parsed(options.columns, parseColumnNames) }),
    ...(history === undefined ? {} : { historyFile: history }),
    ...(out === undefined ? {} : { out }),
  })
}

function parseWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number')
  return Number(text)
}

function parseList(text: string): string[] {
  return text.split(',').map((name) => name.trim())
}
