import type { DevMail } from '@holdfast/page-data/dev'
import { type DevServer, mailAnchor } from '../dev-server.ts'

/** The state of the mailbox: the mails that the server has, which of them are looked for, and which is open. */
export class Mailbox {
  mails = $state.raw<DevMail[] | null>(null)
  about = $state('')
  /** The anchor of the mail that was chosen. */
  chosen = $state('')
  /** Came while the page was open. */
  arrived = $state.raw<ReadonlySet<string>>(new Set())
  news = $state('')
  /** Without a choice it is the newest, so that the next code is there by itself. */
  open = $derived(this.mails?.find((mail) => mailAnchor(mail) === this.chosen) ?? this.mails?.[0])
  isChosen = $derived(this.open !== undefined && mailAnchor(this.open) === this.chosen)
  #server: Pick<DevServer, 'mailbox'>
  #known = new Set<string>()
  #shownAbout: string | null = null
  #turn = 0

  constructor(server: Pick<DevServer, 'mailbox'>, about: string) {
    this.#server = server
    this.about = about
  }

  readonly load = async (): Promise<boolean> => {
    const turn = ++this.#turn
    const about = this.about
    const mails = await this.#server.mailbox(about)
    if (mails === undefined || turn !== this.#turn) return false
    // Those that another filter shows were there before.
    if (about === this.#shownAbout) this.#tellArrived(mails)
    for (const { id } of mails) this.#known.add(id)
    this.#shownAbout = about
    this.mails = mails
    return true
  }

  async lookFor(about: string): Promise<void> {
    this.about = about
    await this.load()
  }

  #tellArrived(mails: readonly DevMail[]): void {
    const fresh = mails.filter(({ id }) => !this.#known.has(id))
    const [first] = fresh
    if (first === undefined) return
    this.arrived = new Set([...this.arrived, ...fresh.map(({ id }) => id)])
    this.news = `New mail to ${first.to}: ${first.subject}`
  }
}
