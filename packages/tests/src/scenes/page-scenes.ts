import { addressScenes } from './address-scenes.ts'
import { codeScenes } from './code-scenes.ts'
import { endScenes } from './end-scenes.ts'

/** All states of the sign-in page, in the order in which somebody could meet them. */
export const pageScenes = [...addressScenes, ...codeScenes, ...endScenes]
