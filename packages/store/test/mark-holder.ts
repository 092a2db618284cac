import { holdLifeMark } from '../src/life-mark.ts'

// Holds the mark that it is started with, says so, and lives until it is killed.
holdLifeMark(process.argv[2] ?? '')
process.send?.('held')
process.on('message', () => {})
