/** A name and a value, as they stand in a list of facts. */
export interface Fact {
  name: string
  value: string
  /** It is something to copy rather than to read. */
  isCode?: boolean
}
