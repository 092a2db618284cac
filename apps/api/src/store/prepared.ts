import type { CompiledQuery } from 'kysely'
import type { Query } from './store.ts'

/** Stands for a value while a query is built, so that the values can be told from constants afterwards. */
class Placeholder {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/**
 * A query that Kysely builds and compiles once, however often it runs: for the few that every request
 * needs, building them costs several times what SQLite takes to answer. `build` sees a stand-in for each
 * value and must not look inside.
 */
export function prepared<Values extends Record<string, unknown>, Row>(
  build: (values: Values) => Query<Row>,
): (values: Values) => Query<Row> {
  let compiled: CompiledQuery<Row> | undefined
  return (values) => ({
    compile() {
      compiled ??= build(standIns<Values>()).compile()
      const { sql, query, queryId } = compiled
      const parameters = compiled.parameters.map((parameter) =>
        parameter instanceof Placeholder ? values[parameter.name] : parameter,
      )
      return { sql, query, queryId, parameters }
    },
  })
}

function standIns<Values>(): Values {
  return new Proxy({}, { get: (_target, name) => new Placeholder(String(name)) }) as Values
}
