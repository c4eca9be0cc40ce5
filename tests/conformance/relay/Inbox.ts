// What relay-compiler has to take: a list that pages, a refetchable item, a mutation.
import { graphql } from 'react-relay';

export const query = graphql`
  query InboxQuery($first: Int!, $after: String) {
    ...Inbox_list @arguments(first: $first, after: $after)
  }
`;

export const list = graphql`
  fragment Inbox_list on Query
  @refetchable(queryName: "InboxPageQuery")
  @argumentDefinitions(first: { type: "Int" }, after: { type: "String" }) {
    reviews(first: $first, after: $after) @connection(key: "Inbox_reviews") {
      edges {
        node {
          ...Inbox_item
        }
      }
    }
  }
`;

export const item = graphql`
  fragment Inbox_item on Review @refetchable(queryName: "InboxItemQuery") {
    id
    title
  }
`;

export const reply = graphql`
  mutation InboxReplyMutation($id: ID!, $body: String!) {
    reviewReply(id: $id, body: $body) {
      structure {
        id
        answered
      }
      userErrors {
        code
        message
      }
    }
  }
`;
