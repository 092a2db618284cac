import { DatabaseSync } from 'node:sqlite'

/* Takes the write lock of the SQLite file it is given, says so, and holds it until its input ends. */
const database = new DatabaseSync(process.argv[2], { timeout: 30_000 })
database.exec('BEGIN IMMEDIATE')
process.stdout.write('held\n')
process.stdin.resume().on('end', () => {
  database.exec('ROLLBACK')
  database.close()
})
