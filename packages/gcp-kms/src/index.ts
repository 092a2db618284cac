export { createKeyWrapper } from './create-key-wrapper.ts'
