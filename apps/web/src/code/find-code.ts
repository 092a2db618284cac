// Zeros of the digit blocks that phone keyboards and mail programs produce besides ASCII:
// full-width, Arabic-Indic, Persian and Devanagari.
const foreignZeros = [0xff10, 0x0660, 0x06f0, 0x0966]

const separators = '\\s.\\-\\u2010-\\u2015'

// A time, a date or an amount has more digits on the other side of its mark: they are no code.
const before = '(?<!\\d|\\d[-/.:,])'
const after = '(?!\\d|[-/.:,]\\d)'

/** The code in a text that somebody pasted: `123 456`, `123-456`, `１２３４５６`, or a mail that holds it. */
export function findCode(text: string, codeLength: number): string | null {
  const folded = foldDigits(text)
  if (hasOnly(folded, `\\d${separators}`) && onlyDigits(folded).length === codeLength)
    return onlyDigits(folded)
  const half = `\\d{${codeLength / 2}}`
  const forms = [
    new RegExp(`^\\s*\\d{${codeLength}}\\s*$`, 'gm'),
    new RegExp(`${before}\\d{${codeLength}}${after}`, 'g'),
    new RegExp(`${before}${half}[${separators}]{1,3}${half}${after}`, 'g'),
  ]
  const usable = codeLength % 2 === 0 ? forms : forms.slice(0, 2)
  return usable.map((form) => onlyMatch(folded, form)).find((code) => code !== null) ?? null
}

/**
 * What the code field should hold after an input: its digits. Null when there are more than a code has, or whole
 * words among them, and none of them is clearly the code, so that a phone number or half a mail costs no try.
 */
export function readCodeInput(text: string, codeLength: number): string | null {
  const digits = onlyDigits(foldDigits(text))
  const others = text.replace(new RegExp(`[\\p{Nd}${separators}]`, 'gu'), '')
  // One other character is a slip of the finger; more have come at once, and with them numbers that are no code.
  const isTyped = others.length <= 1 && digits.length <= codeLength
  return isTyped ? digits : findCode(text, codeLength)
}

function onlyMatch(text: string, form: RegExp): string | null {
  const found = new Set([...text.matchAll(form)].map(([match]) => onlyDigits(match)))
  const [code] = found
  return found.size === 1 && code !== undefined ? code : null
}

function foldDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    const point = digit.codePointAt(0) ?? 0
    const zero = foreignZeros.find((start) => point >= start && point < start + 10)
    return zero === undefined ? digit : String(point - zero)
  })
}

function hasOnly(text: string, characters: string): boolean {
  return new RegExp(`^[${characters}]*$`).test(text)
}

function onlyDigits(text: string): string {
  return text.replace(/[^0-9]/g, '')
}
