/** What was under way: the rows of the survival matrix. */
export const rowTitles = {
  'code-sent': 'code sent',
  'mail-queued': 'mail queued',
  'tries-spent': 'tries spent',
  'right-code': 'right code in flight',
  'signed-in': 'signed in',
  'signed-out': 'signed out',
  rotation: 'rotation under way',
} as const
export type RowName = keyof typeof rowTitles
export const rowNames = Object.keys(rowTitles) as RowName[]

/** What happened to the server: the columns of the survival matrix. */
export const columnTitles = {
  sigterm: 'SIGTERM and start',
  sigkill: 'SIGKILL and start',
  sigstop: 'SIGSTOP and SIGCONT',
  'disk-full': 'disk full',
  'lock-held': 'write lock held',
  'clock-plus-hour': 'clock +1 h',
  'clock-minus-hour': 'clock -1 h',
  'clock-plus-year': 'clock +1 year',
  'key-rotation': 'key rotation',
  'mail-refused': 'mail refused',
  'mail-deferred': 'mail deferred',
  'mail-hung': 'mail hangs',
  'mail-cut': 'mail line cut',
} as const
export type ColumnName = keyof typeof columnTitles
export const columnNames = Object.keys(columnTitles) as ColumnName[]

/** Columns in which the mail server is at fault, and not Holdfast. */
export function isOfMail(column: ColumnName): boolean {
  return column.startsWith('mail-')
}

/** A blow comes while everybody's requests are under way; what lasts is met by half of the people as it begins. */
export function isBlow(column: ColumnName): boolean {
  return column === 'sigterm' || column === 'sigkill'
}

/** Nobody gets an answer while that lasts. */
export function isSilence(column: ColumnName): boolean {
  return column === 'sigstop' || column === 'lock-held'
}

export function isOfClock(column: ColumnName): boolean {
  return column.startsWith('clock-')
}

/** @throws {RangeError} that names those there are */
export function parseRowNames(names: readonly string[]): RowName[] {
  return parseNames(names, rowNames)
}

/** @throws {RangeError} that names those there are */
export function parseColumnNames(names: readonly string[]): ColumnName[] {
  return parseNames(names, columnNames)
}

function parseNames<Name extends string>(names: readonly string[], known: readonly Name[]): Name[] {
  return names.map((text) => {
    const name = known.find((candidate) => candidate === text)
    if (name === undefined) throw new RangeError(`expected one of ${known.join(', ')}, found ${text}`)
    return name
  })
}
