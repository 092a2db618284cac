/**
 * Imports point one way: web, tests, drill -> client -> (HTTP); api, cli -> story -> store -> core; api, cli ->
 * key-sources, settings; api, web -> messages, page-data. A key service is imported by key-sources alone. Nothing imports an app.
 */
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
      name: 'only-the-key-source-reads-and-writes',
      severity: 'error',
      from: {
        path: '^packages/core/src/',
        pathNot:
          '/(durable-file|inspect-key-file|make-folder|key-(file|file-lock|folder|texts-source))\\.ts$',
      },
      to: { path: '^(node:)?(fs|net|http|https|dns|child_process|sqlite)' },
    },
    {
      name: 'client-stands-alone',
      severity: 'error',
      from: { path: own('client') },
      to: { path: own('(?!client)[^/]+') },
    },
    {
      name: 'settings-stand-alone',
      severity: 'error',
      from: { path: own('settings') },
      to: { path: own('(?!settings)[^/]+') },
    },
    {
      name: 'messages-stand-alone',
      severity: 'error',
      from: { path: own('messages') },
      to: { path: own('(?!messages)[^/]+') },
    },
    {
      name: 'page-data-imports-client-and-messages',
      severity: 'error',
      from: { path: own('page-data') },
      to: { path: own('(?!page-data|client|messages)[^/]+') },
    },
    {
      name: 'page-data-is-types-alone',
      severity: 'error',
      from: {},
      to: { path: own('page-data'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'page-data-needs-types-alone',
      severity: 'error',
      from: { path: own('page-data') },
      to: { dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the-catalog-is-loaded-when-asked-for',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/' },
      to: {
        path: '^packages/messages/(src/load-messages|languages/)',
        dependencyTypesNot: ['dynamic-import', 'type-only'],
      },
    },
    {
      name: 'store-and-key-services-import-core-only',
      severity: 'error',
      from: { path: '^packages/(store|aws-kms|azure-key-vault|gcp-kms|vault-transit)/' },
      to: { path: own('(?!core|$1)[^/]+') },
    },
    {
      name: 'story-imports-core-and-store',
      severity: 'error',
      from: { path: own('story') },
      to: { path: own('(?!story|core|store)[^/]+') },
    },
    {
      name: 'key-sources-import-core-settings-and-services',
      severity: 'error',
      from: { path: own('key-sources') },
      to: { path: own('(?!key-sources|core|settings|aws-kms|azure-key-vault|gcp-kms|vault-transit)[^/]+') },
    },
    {
      name: 'key-services-are-loaded-when-chosen',
      severity: 'error',
      from: {
        path: '^(packages|apps)/[^/]+/src/',
        pathNot: '^packages/(aws-kms|azure-key-vault|gcp-kms|vault-transit)/',
      },
      to: {
        path: '^packages/(aws-kms|azure-key-vault|gcp-kms|vault-transit)/',
        dependencyTypesNot: ['dynamic-import', 'type-only'],
      },
    },
    {
      name: 'api-imports-what-is-shared',
      severity: 'error',
      from: { path: own('api') },
      to: { path: own('(?!api|core|store|story|settings|key-sources|messages|page-data)[^/]+') },
    },
    {
      name: 'cli-imports-what-is-shared',
      severity: 'error',
      from: { path: own('cli') },
      to: {
        path: own('(?!cli|core|client|store|story|settings|key-sources|vault-transit|aws-kms|drill)[^/]+'),
      },
    },
    {
      name: 'the-drill-is-loaded-when-asked-for',
      severity: 'error',
      from: { path: '^apps/cli/src/' },
      to: { path: own('drill'), dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    {
      name: 'web-imports-client-messages-and-page-data',
      severity: 'error',
      from: { path: own('web') },
      to: {
        path: own('(?!web|client|messages|page-data)[^/]+'),
        // Of the story, the developer pages have only how it speaks of times.
        pathNot: '^packages/story/src/time-text\\.ts$',
      },
    },
    {
      name: 'drill-imports-client-only',
      severity: 'error',
      from: { path: own('drill') },
      to: { path: own('(?!drill|client)[^/]+') },
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
