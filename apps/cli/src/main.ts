import { Command } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { doctorCommand } from './doctor/doctor-command.ts'
import { drillCommand } from './drill-command.ts'
import { keysCommand } from './keys/keys-command.ts'
import { mailCommand } from './mail/mail-command.ts'
import { sessionsCommand } from './sessions/sessions-command.ts'
import { whyCommand } from './why/why-command.ts'

// What this tool writes is for this user alone.
process.umask(0o077)
// Whoever reads the output may have read enough, as `head` does: that is no fault.
for (const stream of [process.stdout, process.stderr]) stream.on('error', endQuietly)

await new Command('holdfast')
  .description('Operates a Holdfast installation. Run it with the variables that the server has.')
  .version(packageJson.version)
  .addCommand(doctorCommand())
  .addCommand(whyCommand())
  .addCommand(sessionsCommand())
  .addCommand(keysCommand())
  .addCommand(mailCommand())
  .addCommand(drillCommand())
  .showHelpAfterError('(--help says what there is)')
  .parseAsync()

function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit()
}
