import type { SessionView, VerificationView } from '@holdfast/client'
import { readCodeInput } from './code/find-code.ts'
import { type Draft, type DraftMemory, emptyDraft } from './draft.ts'
import type { SignInStart } from './sign-in-options.ts'
import type { Step } from './step.ts'
import type { TypedBefore } from './typed-before.ts'

/** Where somebody is who types, and the verification whose code it is. */
interface Place {
  step: Step
  verification: VerificationView | null
}

/** What somebody has typed: an address, then a code. Their tab keeps it as long as no server has answered it. */
export class Typed {
  email = $state('')
  code = $state('')
  lastCodeTried = $state('')
  #wrongCode = $state('')
  #isCodeToBeTried = false
  #draft: DraftMemory

  /** `start` has what a form brought that was refused, or that the server could not look at. */
  constructor(draft: DraftMemory, start?: SignInStart) {
    this.#draft = draft
    this.email = start?.email ?? ''
    this.code = start?.unsent?.code ?? ''
    this.#isCodeToBeTried = this.code !== ''
  }

  get isWrongCode(): boolean {
    return this.code === this.#wrongCode
  }

  /**
   * Takes over what was typed before, into this page or, by the draft, into the one that was here. A whole code that
   * was just typed is tried; one that a browser has filled into a page of its history may be an old one.
   */
  takeOver({ email, code, isNew }: TypedBefore, place: Place): void {
    if (email !== '') this.email = email
    this.restoreDraft(place)
    const codeLength = place.verification?.codeLength ?? 0
    const digits = readCodeInput(code, codeLength) ?? ''
    if (digits === '' || digits === this.code) return
    this.code = digits
    this.#isCodeToBeTried = isNew && digits.length === codeLength
  }

  /** A whole code in a draft is one that was sent and not answered: it goes on being tried. */
  restoreDraft({ step, verification }: Place): void {
    const draft = this.#draft.read()
    if (step === 'address' && this.email === '') this.email = draft.email
    if (step !== 'code' || draft.reference !== verification?.reference) return
    this.code = draft.code
    this.#isCodeToBeTried = draft.code.length === verification.codeLength
  }

  /** Keeps what a later page of this tab has to go on with, and nothing longer than that. */
  keepDraft(place: Place): void {
    this.#draft.write(this.#draftAt(place))
  }

  /** Whether the page is to try a code by itself. Says so once. */
  takeCodeToBeTried(): boolean {
    const isToBeTried = this.#isCodeToBeTried
    this.#isCodeToBeTried = false
    return isToBeTried
  }

  /** Forgets what has led to this view. */
  settle({ state }: SessionView, isOfNewCode: boolean): void {
    if (state !== 'code_sent' || isOfNewCode) this.forgetCode()
    if (state === 'signed_in') this.email = ''
  }

  noteWrongCode(): void {
    this.#wrongCode = this.code
  }

  forgetCode(): void {
    this.code = ''
    this.lastCodeTried = ''
    this.#wrongCode = ''
  }

  #draftAt({ step, verification }: Place): Draft {
    if (step === 'address') return { ...emptyDraft, email: this.email }
    if (step !== 'code' || verification === null || this.isWrongCode) return emptyDraft
    return { ...emptyDraft, code: this.code, reference: verification.reference }
  }
}
