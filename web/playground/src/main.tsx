import 'graphiql/setup-workers/vite';
// The parts of graphiql/style.css without its fonts (0.3 MB) and its second copy of Monaco's sheet.
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './page.css';

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

/** The text of the first tab. The server owns it; it stands beside the page. */
async function loadDefaultQuery(): Promise<string> {
  const response = await fetch('default-query.graphql');
  if (!response.ok) {
    throw new Error(`default-query.graphql: the server answered ${response.status}`);
  }
  return response.text();
}

const root = document.getElementById('playground');
if (!root) {
  throw new Error('the page has no element with the id "playground"');
}

const endpoint = new URL('/graphql', location.origin).href;

const fetcher = createGraphiQLFetcher({
  url: endpoint,
  subscriptionUrl: endpoint.replace(/^http/u, 'ws'),
  // The service answers in one piece; without this the page also asks for multipart answers.
  enableIncrementalDelivery: false,
});

// Without its example the playground still works, so the failure goes to the console only.
const defaultQuery = await loadDefaultQuery().catch((error: unknown) => {
  console.error(error);
  return '';
});

// A link may bring a query along; otherwise the editor shows what was there last, or the example.
const linkedQuery = new URLSearchParams(location.search).get('query') ?? undefined;

createRoot(root).render(<GraphiQL fetcher={fetcher} defaultQuery={defaultQuery} initialQuery={linkedQuery} />);
