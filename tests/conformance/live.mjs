// The clients of npm hear the same event, live and when they come back: `node live.mjs URL TOKEN`.
import { createClient as overHttp } from 'graphql-sse';
import { createClient as overSocket } from 'graphql-ws';
import WebSocket from 'ws';

const [url, token] = process.argv.slice(2);
const headers = { authorization: `Bearer ${token}` };
const query = `subscription ($after: String) {
  reviewEvents(after: $after) { id type cursor } }`;

async function ask(query, variables) {
  const sent = { ...headers, 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers: sent, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** The first event that a client hears. */
const heard = (client, after) =>
  new Promise((next, fail) => {
    const failed = (cause) => fail(new Error(JSON.stringify(cause)));
    const stop = client.subscribe(
      { query, variables: { after } },
      {
        next: ({ data, errors }) => (errors ? failed(errors) : next(data.reviewEvents), stop()),
        error: failed,
        complete() {},
      },
    );
  });

const clients = () => [
  overSocket({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, connectionParams: headers }),
  overHttp({ url, headers }),
];

const { changes } = await ask('{ changes { endCursor } }');
const live = clients().map((client) => heard(client, changes.endCursor));
const { reviews } = await ask('{ reviews(where: {answered: false}) { nodes { structures { id } } } }');
const { reviewReply } = await ask(
  'mutation ($id: ID!) { reviewReply(id: $id, body: "Merci.") { userErrors { code } } }',
  { id: reviews.nodes[0].structures[0].id },
);
if (reviewReply.userErrors.length) throw new Error(JSON.stringify(reviewReply.userErrors));
const back = clients().map((client) => heard(client, changes.endCursor));
const events = await Promise.all([...live, ...back]);
if (new Set(events.map(({ id }) => id)).size !== 1) throw new Error(JSON.stringify(events));
console.log(`${events.length} of 4 heard ${events[0].type}`);
process.exit(0);
