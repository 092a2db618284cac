// Zeros of the digit blocks that phone keyboards and mail programs produce besides ASCII:
// full-width, Arabic-Indic, Persian and Devanagari.
const foreignZeros = [0xff10, 0x0660, 0x06f0, 0x0966]

const separator = '[\\s.\\-\\u2010-\\u2015]{1,3}'

/** The code in a text that somebody pasted: `123 456`, `123-456`, `１２３４５６`, or a mail that holds it. */
export function findCode(text: string, codeLength: number): string | null {
  const folded = foldDigits(text)
  if (/^[\d\s.\-\u2010-\u2015]*$/.test(folded) && onlyDigits(folded).length === codeLength) {
    return onlyDigits(folded)
  }
  const half = `\\d{${codeLength / 2}}`
  const forms = [
    new RegExp(`^\\s*\\d{${codeLength}}\\s*$`, 'gm'),
    new RegExp(`(?<!\\d)\\d{${codeLength}}(?!\\d)`, 'g'),
    new RegExp(`(?<![\\d-])${half}${separator}${half}(?![\\d-])`, 'g'),
  ]
  const usable = codeLength % 2 === 0 ? forms : forms.slice(0, 2)
  return usable.map((form) => onlyMatch(folded, form)).find((code) => code !== null) ?? null
}

/**
 * What the code field should hold after an input: its digits. Null when there are more than a code has and none
 * of them is clearly the code, so that a phone number pasted by mistake costs no try.
 */
export function readCodeInput(text: string, codeLength: number): string | null {
  const digits = onlyDigits(foldDigits(text))
  return digits.length <= codeLength ? digits : findCode(text, codeLength)
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

function onlyDigits(text: string): string {
  return text.replace(/[^0-9]/g, '')
}
