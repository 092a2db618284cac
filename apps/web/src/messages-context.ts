import type { Messages } from '@holdfast/messages'
import { createContext } from 'svelte'

/** The words of the page, in the language that it was opened in: for every component, set once by the outermost. */
export const [getMessages, setMessages] = createContext<Messages>()
