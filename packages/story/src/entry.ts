import type { LedgerRow } from '@holdfast/store'

/** A row of the ledger, with its detail as it was recorded. */
export interface Entry extends Omit<LedgerRow, 'id' | 'detail'> {
  id: number
  detail: Record<string, string | number | boolean | null>
}

export function entryOf(row: Omit<LedgerRow, 'id'> & { id: number }): Entry {
  return { ...row, detail: parseDetail(row.detail) }
}

function parseDetail(text: string | null): Entry['detail'] {
  if (text === null) return {}
  try {
    const detail: unknown = JSON.parse(text)
    return typeof detail === 'object' && detail !== null ? (detail as Entry['detail']) : {}
  } catch {
    return {}
  }
}
