// Audits a running service by the GraphQL-over-HTTP specification.
//
//   node test/audit.mjs http://127.0.0.1:8080/graphql
//
// Every audit of graphql-http must pass, those that are only recommended included. Exit codes: 0 passed, 1 failed, 2 wrong usage.

import { auditServer } from 'graphql-http';

const [url, ...rest] = process.argv.slice(2);
if (!url || rest.length > 0) {
  console.error('usage: node test/audit.mjs URL');
  process.exit(2);
}

const results = await auditServer({ url, fetchFn: fetch });
const failed = results.filter((r) => r.status !== 'ok');
for (const { id, name, status, reason } of failed) console.error(`${id} ${status}: ${name}: ${reason}`);
console.log(`${results.length - failed.length} of ${results.length} audits passed`);
process.exit(failed.length > 0 || results.length < 60 ? 1 : 0);
