export { createKeyWrapper } from './key-wrapper.ts'
