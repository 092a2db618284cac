import type { MailColors } from '../mail/mail-colors.ts'

/** What an operator has made of page and mails: its colours and the logo as files that the page loads. */
export interface Brand {
  style?: BrandFile
  mailColors?: MailColors
  logo?: BrandFile & { width: number; height: number }
}

/** A file that is made or read once, at the start. */
export interface BrandFile {
  /** Where the page finds it. It has the hash of the content in its query, so that it can be kept for good. */
  url: string
  type: string
  content: Buffer
}
