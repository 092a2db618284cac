import type { ColumnName } from '../matrix-names.ts'
import { sigkill, sigterm } from './ended-process.ts'
import type { Fault } from './fault.ts'
import { diskFull } from './full-disk.ts'
import { heldLock } from './held-lock.ts'
import { mailCut, mailDeferred, mailHung, mailRefused } from './mail-server.ts'
import { keyRotation } from './rotated-key.ts'
import { clockMinusHour, clockPlusHour, clockPlusYear } from './set-clock.ts'
import { sigstop } from './stopped-process.ts'

export const faults: Record<ColumnName, Fault> = {
  sigterm,
  sigkill,
  sigstop,
  'disk-full': diskFull,
  'lock-held': heldLock,
  'clock-plus-hour': clockPlusHour,
  'clock-minus-hour': clockMinusHour,
  'clock-plus-year': clockPlusYear,
  'key-rotation': keyRotation,
  'mail-refused': mailRefused,
  'mail-deferred': mailDeferred,
  'mail-hung': mailHung,
  'mail-cut': mailCut,
}
