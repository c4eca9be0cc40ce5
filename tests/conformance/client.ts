// A client in TypeScript by the types that graphql-codegen makes: it answers a review.
import { readFileSync } from 'node:fs';
import type {
  InboxQuery,
  InboxQueryVariables,
  ReplyMutation,
  ReplyMutationVariables,
} from './made/types';

const [url, token] = process.argv.slice(2) as [string, string];
const operations = readFileSync('operations.graphql', 'utf8');

async function ask<Data, Variables>(operationName: string, variables: Variables): Promise<Data> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query: operations, operationName, variables }),
  });
  const { data, errors } = (await answer.json()) as { data: Data; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

const inbox = await ask<InboxQuery, InboxQueryVariables>('Inbox', { first: 1 });
const structure = inbox.reviews.nodes[0]!.structures[0]!;
const { reviewReply } = await ask<ReplyMutation, ReplyMutationVariables>('Reply', {
  id: structure.id,
  body: 'Merci.',
});
if (!reviewReply.structure?.answered) throw new Error(JSON.stringify(reviewReply.userErrors));
console.log(`answered ${inbox.reviews.nodes[0]!.title}`);
