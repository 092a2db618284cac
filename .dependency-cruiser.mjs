/** Imports point one way: web, cli, tests -> client -> (HTTP); api -> core; cli -> core. Nothing imports an app. */
const own = (name) => `^(packages|apps)/${name}/`

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'core-stands-alone',
      severity: 'error',
      from: { path: own('core') },
      to: { path: own('(?!core)[^/]+') },
    },
    {
      name: 'core-needs-no-package',
      severity: 'error',
      from: { path: '^packages/core/src/' },
      to: { dependencyTypesNot: ['core', 'local'] },
    },
    {
      name: 'only-the-key-file-reads-and-writes',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: '/key-file\\.ts$' },
      to: { path: '^(node:)?(fs|net|http|https|dns|child_process|sqlite)' },
    },
    {
      name: 'client-stands-alone',
      severity: 'error',
      from: { path: own('client') },
      to: { path: own('(?!client)[^/]+') },
    },
    {
      name: 'api-imports-core-only',
      severity: 'error',
      from: { path: own('api') },
      to: { path: own('(?!api|core)[^/]+') },
    },
    {
      name: 'web-imports-client-only',
      severity: 'error',
      from: { path: own('web') },
      to: { path: own('(?!web|client)[^/]+') },
    },
    {
      name: 'nothing-imports-an-app',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^apps/' },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(dist|test-results|\\.turbo)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
}
