/** What somebody has typed and no server has answered yet. A code belongs to the verification with this reference. */
export interface Draft {
  email: string
  code: string
  reference: string
}

/** Keeps the draft of a tab from page to page. */
export interface DraftMemory {
  read(): Draft
  /** An empty draft leaves nothing behind. */
  write(draft: Draft): void
}

export const emptyDraft: Draft = { email: '', code: '', reference: '' }

const key = 'holdfast-draft'

/** `memory` throws where the browser forbids it: then a reload loses what was typed, and nothing else. */
export function createDraftMemory(
  memory: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
): DraftMemory {
  return {
    read() {
      try {
        const draft = JSON.parse(memory().getItem(key) ?? '{}')
        const text = (name: keyof Draft) => (typeof draft[name] === 'string' ? draft[name] : '')
        return { email: text('email'), code: text('code'), reference: text('reference') }
      } catch {
        return emptyDraft
      }
    },
    write(draft) {
      try {
        if (draft.email === '' && draft.code === '') memory().removeItem(key)
        else memory().setItem(key, JSON.stringify(draft))
      } catch {
        // Nothing can be kept, and nothing is there that would have to go.
      }
    },
  }
}
