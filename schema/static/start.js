// Starts GraphiQL with an example for each kind of user. The session of the browser is sent along;
// a token may be given in the headers, which are not kept.
const { createElement } = React;

async function start() {
  const examples = await (await fetch('/graphiql/examples.graphql')).text();
  const tabs = examples.trim().split(/\n\n(?=# )/).map((query) => ({ query }));
  const language = document.documentElement.lang;
  const fetcher = GraphiQL.createFetcher({
    url: '/graphql',
    headers: {
      accept: 'application/graphql-response+json, application/json;q=0.9',
      'accept-language': language,
    },
  });
  ReactDOM.createRoot(document.getElementById('graphiql')).render(
    createElement(GraphiQL, {
      fetcher,
      defaultTabs: tabs,
      defaultHeaders: '{\n  "authorization": "Bearer "\n}',
      defaultEditorToolsVisibility: false,
      shouldPersistHeaders: false,
      isHeadersEditorEnabled: true,
    }),
  );
}

start();
