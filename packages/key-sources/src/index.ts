export { chooseKeySource, type KeySourceChoice, namesKeySource, needsKeySource } from './choose-key-source.ts'
export { openKeySource, wrappedKeySource } from './open-key-source.ts'
