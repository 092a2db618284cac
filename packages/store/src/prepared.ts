import type { CompiledQuery } from 'kysely'
import type { Query } from './store.ts'

/** Stands for a value while a query is built, so that values can be told from constants afterwards. */
class StandIn {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/**
 * A query that Kysely builds and compiles once, however often it runs: building one costs several times
 * what SQLite takes to answer it. `build` sees a stand-in for each value and must not look inside; every
 * call gives values of the same names.
 */
export function prepared<Values extends object, Row>(
  build: (values: Values) => Query<Row>,
): (values: Values) => Query<Row> {
  let compiled: CompiledQuery<Row> | undefined
  return (values) => ({
    compile() {
      compiled ??= build(standInsFor(values)).compile()
      const { sql, query, queryId } = compiled
      const parameters = compiled.parameters.map((parameter) =>
        parameter instanceof StandIn ? values[parameter.name as keyof Values] : parameter,
      )
      return { sql, query, queryId, parameters }
    },
  })
}

function standInsFor<Values extends object>(values: Values): Values {
  return Object.fromEntries(Object.keys(values).map((name) => [name, new StandIn(name)])) as Values
}
