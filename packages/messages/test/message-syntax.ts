import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser'

/** What a message asks for, by name, and the categories that each of its plurals tells apart. */
export interface MessageSyntax {
  placeholders: Record<string, 'text' | 'number' | 'strong'>
  plurals: string[][]
}

export function syntaxOf(message: string): MessageSyntax {
  const found: MessageSyntax = { placeholders: {}, plurals: [] }
  collect(parse(message), found)
  return found
}

function collect(elements: readonly MessageFormatElement[], found: MessageSyntax): void {
  for (const element of elements) {
    switch (element.type) {
      case TYPE.literal:
      case TYPE.pound:
        break
      case TYPE.argument:
        found.placeholders[element.value] = 'text'
        break
      case TYPE.tag:
        found.placeholders[element.value] = 'strong'
        collect(element.children, found)
        break
      case TYPE.plural:
        found.placeholders[element.value] = 'number'
        found.plurals.push(Object.keys(element.options))
        for (const { value } of Object.values(element.options)) collect(value, found)
        break
      default:
        throw new Error(`no message needs an element of type ${element.type} so far`)
    }
  }
}
