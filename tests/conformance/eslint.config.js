import graphql from '@graphql-eslint/eslint-plugin';

const project = { schema: '../../schema/schema.graphql', documents: 'operations.graphql' };
const { configs, parser } = graphql;

// ESLint looks at nothing above its folder: the schema is copied into made/ before it is looked at.
const linted = (files, ...named) => ({
  files,
  plugins: { '@graphql-eslint': graphql },
  languageOptions: { parser, parserOptions: { graphQLConfig: project } },
  rules: Object.assign({}, ...named.map((name) => configs[`flat/${name}`].rules)),
});

const schema = linted(['made/schema.graphql'], 'schema-recommended', 'schema-relay');
Object.assign(schema.rules, {
  // Nodes have an id, which Relay's rules see to; values and payloads are no things of their own.
  '@graphql-eslint/strict-id-in-types': 'off',
  // Connections have `nodes` beside `edges`, and short lists are lists.
  '@graphql-eslint/relay-edge-types': [
    'error',
    { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
  ],
});
// An OfficeType is what it says: a type of offices.
const names = structuredClone(configs['flat/schema-recommended'].rules);
delete names['@graphql-eslint/naming-convention'][1]['ObjectTypeDefinition,ObjectTypeExtension'];
Object.assign(schema.rules, names, { '@graphql-eslint/strict-id-in-types': 'off' });

export default [
  schema,
  linted(['operations.graphql'], 'operations-recommended'),
];
