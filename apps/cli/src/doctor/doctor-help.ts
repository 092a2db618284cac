/** What stands under the options of `holdfast doctor --help`. */
export const doctorHelp = `
Only looks: no lock for writing is taken and nothing is changed, so it works while servers run, while
another program holds the store, and while the disk is full.

--json prints { ok, level, at, findings }: level is ok, warning or fault, the worst of the findings; each
finding is { level, about, says, remedy?, data? }.

Exit codes: 0 all is well, 1 at least one warning, 2 at least one fault, 78 something is wrong with the
configuration, so that nothing could be looked at.

Examples:
  holdfast doctor
  holdfast doctor --quick --json | jq '.findings[] | select(.level != "ok")'
  */5 * * * *  holdfast doctor --quick > /tmp/doctor || mail -s Holdfast ops@example.com < /tmp/doctor`
