import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { chooseLanguage, findLanguage, languageTags } from '../src/index.ts'

test.each([
  [['de'], 'de'],
  [['de-AT', 'en'], 'de'],
  [['DE_ch'], 'de'],
  [['pt'], 'pt-BR'],
  [['pt-PT'], 'pt-BR'],
  [['zh'], 'zh-CN'],
  [['zh-Hans'], 'zh-CN'],
  [['zh-Hant-HK'], 'zh-CN'],
  [['zh-TW'], 'zh-CN'],
  [['cmn-Hans-CN'], 'zh-CN'],
  [['ar-EG-u-nu-arab'], 'ar'],
  [['sv', 'da', 'fr-CA', 'en'], 'fr'],
  [['sv'], 'en'],
  [['*'], 'en'],
  [['*', 'nl'], 'nl'],
  [[], 'en'],
  [['', '-', 'x-de', 'de-', '12', 'constructor', '__proto__', 'toString'], 'en'],
  [[' it '], 'it'],
])('of %j, %s is chosen', (wanted, language) => {
  expect(chooseLanguage(wanted)).toBe(language)
})

test('nothing is found where nothing fits, so that a choice made before can stand', () => {
  expect(findLanguage(['*'])).toBeUndefined()
  expect(findLanguage(['sv'])).toBeUndefined()
})

test('whatever is wanted, it is answered with a language of the catalog', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 60 })), (wanted) => {
      expect(languageTags).toContain(chooseLanguage(wanted))
    }),
  )
})

test('every language is found by its own tag, with any region, script or extension, in any case', () => {
  const tail = fc.constantFrom('', '-001', '-Latn', '-x-own', '-u-hc-h12', '-Latn-DE-u-nu-latn')
  fc.assert(
    fc.property(fc.constantFrom(...languageTags), tail, fc.boolean(), (language, end, isUpper) => {
      const tag = `${language.split('-')[0]}${end}`
      expect(findLanguage([isUpper ? tag.toUpperCase() : tag])).toBe(language)
    }),
  )
})

test('what nobody has comes before what somebody has, and changes nothing', () => {
  const unknown = fc.array(fc.constantFrom('sv', 'da', '*', 'tlh', '??', 'a'.repeat(10_000)), {
    maxLength: 20,
  })
  fc.assert(
    fc.property(unknown, fc.constantFrom(...languageTags), (before, language) => {
      expect(findLanguage([...before, language, 'en'])).toBe(language)
    }),
  )
})

test('10,000 tags that nobody knows are not all looked at', () => {
  const look = vi.spyOn(Intl, 'Locale')
  expect(findLanguage([...Array.from({ length: 10_000 }, () => 'sv'), 'de'])).toBeUndefined()
  expect(look).toHaveBeenCalledTimes(50)
  look.mockRestore()
})
