import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isLanguage, type Language, languageTags } from '@holdfast/messages'
import { type FilledIn, parseTemplate, type TemplatePart } from './mail-template.ts'

export type CodeTemplate = Record<TemplatePart, FilledIn>

export interface MailTemplates {
  for(language: Language): CodeTemplate
}

export type ReadTemplates = { ok: true; templates: MailTemplates } | { ok: false; faults: string[] }

type TemplateSet = Partial<CodeTemplate>

const ownFolder = fileURLToPath(new URL('../../templates/', import.meta.url))
const partsByEnding: Record<string, TemplatePart> = { subject: 'subject', txt: 'text', html: 'html' }
/** Stands for every language that has no files of its own. */
const allLanguages = ''

/** The templates that Holdfast brings. */
export async function readOwnTemplates(): Promise<MailTemplates> {
  const own = await readFolder(ownFolder)
  if (!own.ok) throw new Error(`the templates of Holdfast itself are broken: ${own.faults.join('; ')}`)
  return templatesOf([own.sets])
}

/**
 * An operator's templates: `code.html`, `code.txt` and, if wanted, `code.subject` for every language, and `code.de.html`
 * and so on for one. What is not there, Holdfast's own fill in. Every fault of every file is told at once.
 */
export async function readTemplates(folder: string): Promise<ReadTemplates> {
  const [own, theirs] = [await readFolder(ownFolder), await readFolder(folder)]
  if (!theirs.ok) return theirs
  return { ok: true, templates: templatesOf([theirs.sets, ...(own.ok ? [own.sets] : [])]) }
}

/** The first that has a part for the language wins; then the first that has it for all. */
function templatesOf(folders: readonly Map<string, TemplateSet>[]): MailTemplates {
  return {
    for(language) {
      const sets = folders.flatMap((sets) => [sets.get(language), sets.get(allLanguages)])
      const part = (name: TemplatePart): FilledIn => {
        const found = sets.find((set) => set?.[name] !== undefined)?.[name]
        if (found === undefined) throw new Error(`there is no template for the ${name} of a mail`)
        return found
      }
      return { subject: part('subject'), text: part('text'), html: part('html') }
    },
  }
}

type ReadFolder = { ok: true; sets: Map<string, TemplateSet> } | { ok: false; faults: string[] }

async function readFolder(folder: string): Promise<ReadFolder> {
  const sets = new Map<string, TemplateSet>()
  const faults: string[] = []
  for (const file of await namesIn(folder, faults)) {
    const name = readName(file)
    if (name === undefined) {
      faults.push(`${file}: no template has this name; expected ${expectedNames}`)
      continue
    }
    const source = await readFile(join(folder, file), 'utf8').catch(({ code }) => {
      faults.push(`${file}: cannot be read (${code})`)
    })
    const parsed = source === undefined ? undefined : parseTemplate(source, name.part)
    if (parsed?.ok === false) faults.push(...parsed.faults.map((fault) => `${file}: ${fault}`))
    const fillIn = parsed?.ok ? parsed.fillIn : () => ''
    sets.set(name.language, { ...sets.get(name.language), [name.part]: fillIn })
  }
  for (const [language, set] of sets) faults.push(...missingIn(language, set))
  return faults.length > 0 ? { ok: false, faults } : { ok: true, sets }
}

const expectedNames = `code.html, code.txt or code.subject, or code.LANGUAGE.html and so on, LANGUAGE being one of ${languageTags.join(', ')}`

async function namesIn(folder: string, faults: string[]): Promise<string[]> {
  try {
    // Mounts of config maps have hidden entries of their own.
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
    if (names.length === 0) faults.push(`the folder is empty; expected ${expectedNames}`)
    return names
  } catch (error) {
    faults.push(`the folder cannot be read (${(error as NodeJS.ErrnoException).code})`)
    return []
  }
}

function readName(
  file: string,
): { language: Language | typeof allLanguages; part: TemplatePart } | undefined {
  const [, language = allLanguages, ending = ''] =
    /^code(?:\.([\w-]+))?\.(html|txt|subject)$/.exec(file) ?? []
  const part = partsByEnding[ending]
  if (part === undefined || (language !== allLanguages && !isLanguage(language))) return undefined
  return { language, part }
}

/** HTML and text are one mail in two forms: one of them alone would say something else than the other. */
function missingIn(language: string, set: TemplateSet): string[] {
  const stem = language === allLanguages ? 'code' : `code.${language}`
  const needed = { html: set.html, txt: set.text }
  return Object.entries(needed)
    .filter(([, fillIn]) => fillIn === undefined)
    .map(([ending]) => `${stem}.${ending}: is missing; the other files of ${stem} need it`)
}
