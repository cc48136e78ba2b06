// Runs a subscription in the playground and writes to the service: what was written must appear in the answer.
//
//   node test/subscribe.mjs [--chromium FILE] BASE
//
// BASE is the address of a service that may be written to. Exit codes: 0 passed, 1 failed, 2 wrong usage.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { chromium } from 'playwright-core';

const usage = 'usage: node test/subscribe.mjs [--chromium FILE] BASE';
const patience = 30_000; // milliseconds for each step; a step that works takes a few seconds on a slow machine

function settings() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { chromium: { type: 'string', default: '/usr/bin/chromium' } },
    });
    const [base, ...rest] = positionals;
    if (!base || rest.length > 0) throw new Error('it takes BASE');
    return { ...values, base: new URL(base) };
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    process.exit(2);
  }
}

async function ask(base, query, variables) {
  const response = await fetch(new URL('/graphql', base), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

const { chromium: executablePath, base } = settings();
const profile = await mkdtemp(path.join(tmpdir(), 'playground-browser-'));
let context;
try {
  context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    chromiumSandbox: false,
    args: ['--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const sockets = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  const { server } = await ask(base, '{ server { revision } }');
  const query = `subscription { changes(since: "${server.revision}") { revision changes { id } } }`;
  await page.goto(new URL(`/playground/?query=${encodeURIComponent(query)}`, base).href);
  await page.locator('.graphiql-query-editor .view-line').first().waitFor({ timeout: patience });
  await page.locator('.graphiql-query-editor .view-lines').click();
  await page.keyboard.press('Control+Enter');
  const shows = (text) => page.locator('.result-window .view-lines', { hasText: text }).waitFor({ timeout: patience });
  await shows(server.revision); // the heartbeat
  const id = `person/subscribed-${Date.now()}`;
  await ask(base, 'mutation ($id: ID!) { putEntity(input: { id: $id, kind: PERSON, name: "Somebody" }) { revision } }', { id });
  await shows(id);
  console.log(`passed: ${sockets.join(', ')} brought ${id}`);
} catch (error) {
  console.error(`FAILED: ${error.message}`);
  process.exitCode = 1;
} finally {
  await context?.close();
  await rm(profile, { recursive: true, force: true });
}
