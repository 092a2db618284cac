import type { z } from 'zod'

export interface ReadVariables<Values> {
  /** The values; where one is faulty, as if it were not set, so that the others can still be held against each other. */
  values: Values
  /** One line a fault, with the variable's name and never its value: it may be a secret. */
  faults: string[]
}

/** Reads variables by a schema and tells every fault at once. */
export function readVariables<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Record<string, string | undefined>,
): ReadVariables<z.infer<z.ZodObject<Shape>>> {
  const given = givenVariables(environment)
  const issues = schema.safeParse(given).error?.issues ?? []
  for (const { path } of issues) delete given[String(path[0])]
  const faults = issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  return { values: schema.parse(given), faults }
}

/** An empty variable is what `FOO= holdfast` and many deployment files make of "not set". */
function givenVariables(environment: Record<string, string | undefined>): Record<string, string> {
  const isGiven = (entry: [string, string | undefined]): entry is [string, string] =>
    entry[1] !== undefined && entry[1] !== ''
  return Object.fromEntries(Object.entries(environment).filter(isGiven))
}
