import type { Logger } from '../logger.ts'
import type { HandOver } from './mail-transport.ts'

/** Knows from what mails meet whether the mail server does its work, and says so when that changes. */
export class MailServerWatch {
  readonly #logger: Logger
  /** Counts what was handed over: a fault is the server's only where nothing got through meanwhile. */
  #sent = 0
  #isDown = false

  constructor(logger: Logger) {
    this.#logger = logger
  }

  get isDown(): boolean {
    return this.#isDown
  }

  /** To be called before a hand-over; the call back tells how it ended, and is told when the server is back. */
  begin(): (handOver: HandOver) => { isBack: boolean } {
    const sentBefore = this.#sent
    return ({ delivery, reply, isServersFault = false }) => {
      if (delivery === 'sent') return this.#worked()
      if (isServersFault && this.#sent === sentBefore) this.#failed(reply)
      return { isBack: false }
    }
  }

  #worked(): { isBack: boolean } {
    this.#sent += 1
    if (!this.#isDown) return { isBack: false }
    this.#isDown = false
    this.#logger.warn('the mail server takes mails again')
    return { isBack: true }
  }

  #failed(reply: string): void {
    if (this.#isDown) return
    this.#isDown = true
    this.#logger.error('the mail server takes no mails: all are tried again until their codes expire', {
      reply,
    })
  }
}
