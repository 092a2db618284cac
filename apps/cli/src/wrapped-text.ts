import { Help } from 'commander'

const columns = 100

/** Text in as many lines as it takes, all of them behind `indent` columns. */
export function wrapBehind(indent: number, text: string): string {
  const help = new Help()
  return help
    .boxWrap(text, columns - indent)
    .split('\n')
    .join(`\n${' '.repeat(indent)}`)
}
