// Opens the playground in a browser and runs its first query, with nothing but the service to talk to.
//
//   node test/offline.mjs [--chromium FILE] [--screenshot FILE] [--dark] BASE TEXT
//
// BASE is the service's address, such as http://127.0.0.1:8080. TEXT must stand in the answer as the pane shows it, so
// quotation marks inside a JSON string come with a backslash; white space is not compared. The test fails when a request
// goes to another host, when the page breaks its security policy or logs an error, when the first tab is not
// default-query.graphql, when the editor finds a mistake in it by the service's schema, and when TEXT does not appear.
// Exit codes: 0 passed, 1 failed, 2 wrong usage.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { chromium } from 'playwright-core';

const usage = 'usage: node test/offline.mjs [--chromium FILE] [--screenshot FILE] [--dark] BASE TEXT';
const editor = '.graphiql-query-editor';
const pane = '.result-window';
const patience = 30_000; // milliseconds for each step; a step that works takes a few seconds on a slow machine

function settings() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        chromium: { type: 'string', default: '/usr/bin/chromium' },
        screenshot: { type: 'string' },
        dark: { type: 'boolean', default: false },
      },
    });
    const [base, text, ...rest] = positionals;
    if (!base || !text || rest.length > 0) throw new Error('it takes BASE and TEXT');
    return { ...values, base: new URL(base), text };
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    process.exit(2);
  }
}

/** A way to compare texts that an editor has wrapped and padded. */
const dense = (text) => text.replace(/\s+/gu, '');

/** The lines that a Monaco editor shows, as a map from their height in the whole text; lines out of sight are not drawn. */
async function linesInSight(page, editor) {
  const lines = await page
    .locator(`${editor} .view-line`)
    .evaluateAll((elements) => elements.map((element) => [parseFloat(element.style.top), element.textContent]));
  return new Map(lines);
}

/** A map of lines as one text. */
const inOrder = (lines) => [...lines].sort(([a], [b]) => a - b).map(([, text]) => text).join('\n');

/** The text that a Monaco editor shows without scrolling. */
const shown = async (page, editor) => inOrder(await linesInSight(page, editor));

/** Repeats a question until the answer is true; false when it never was. */
async function eventually(question) {
  const end = Date.now() + patience;
  while (!(await question())) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return true;
}

/** Collects in `failures` whatever the browser says against the page from now on, and in `seen` what it asked for. */
function listen(context, base, failures, seen) {
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol === 'data:' || url.protocol === 'blob:') return;
    seen.requests++;
    seen.hosts.add(url.host);
    if (url.host !== base.host) failures.push(`a request left the host: ${request.method()} ${url.href}`);
  });
  context.on('response', async (response) => {
    if (response.status() >= 400) failures.push(`${response.url()}: status ${response.status()}`);
    if (response.request().postData()?.includes('IntrospectionQuery')) seen.schema = true;
    const sizes = await response.request().sizes().catch(() => undefined);
    seen.bytes += sizes?.responseBodySize ?? 0;
  });
  context.on('requestfailed', (request) => failures.push(`${request.url()}: ${request.failure()?.errorText}`));
  context.on('weberror', (error) => failures.push(`uncaught error: ${error.error().message}`));
  context.on('console', (message) => {
    if (message.type() === 'error') failures.push(`console: ${message.text()}`);
  });
}

/** The whole answer, read page by page. */
async function wholeAnswer(page) {
  await page.locator(`${pane} .view-lines`).click({ position: { x: 1, y: 1 } });
  const lines = new Map();
  for (let before = -1; lines.size > before; ) {
    before = lines.size;
    for (const [height, text] of await linesInSight(page, pane)) lines.set(height, text);
    await page.keyboard.press('Alt+PageDown');
    await page.waitForTimeout(200);
  }
  return inOrder(lines);
}

/** Opens the page, waits for the first query and runs it; throws when the page does not get so far. */
async function ask(page, base, seen) {
  await page.addInitScript(() => {
    globalThis.policyViolations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      globalThis.policyViolations.push(`${event.effectiveDirective}: ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`);
    });
  });
  const query = await fetch(new URL('/playground/default-query.graphql', base)).then((response) => response.text());
  await page.goto(new URL('/playground/', base).href);
  if (!(await eventually(async () => dense(await shown(page, editor)) === dense(query)))) {
    throw new Error(`the editor does not show default-query.graphql, but:\n${await shown(page, editor)}`);
  }
  if (!(await eventually(() => seen.schema))) throw new Error('the page did not fetch the schema');
  await page.locator(`${editor} .view-lines`).click();
  await page.keyboard.press('Control+Enter');
  if (!(await eventually(async () => (await shown(page, pane)).trim() !== ''))) throw new Error('there is no answer');
}

/** Reads the page after the query has run; the answer lists what is wrong with it. */
async function inspect(page, text, seen) {
  const failures = [];
  const answer = await wholeAnswer(page);
  if (!dense(answer).includes(dense(text))) failures.push(`the answer does not show ${JSON.stringify(text)}, but:\n${answer}`);
  const mistakes = await page.locator(`${editor} .squiggly-error`).count();
  if (mistakes > 0) failures.push(`the editor underlines ${mistakes} mistakes in the query`);
  seen.workers = page.workers().map((worker) => path.basename(new URL(worker.url()).pathname));
  for (const name of ['editor', 'graphql', 'json']) {
    if (!seen.workers.some((worker) => worker.startsWith(`${name}.worker`))) failures.push(`the ${name} worker does not run`);
  }
  for (const violation of await page.evaluate(() => globalThis.policyViolations)) failures.push(`security policy: ${violation}`);
  return failures;
}

const options = settings();
const failures = [];
const seen = { requests: 0, bytes: 0, hosts: new Set(), schema: false, workers: [] };
const profile = await mkdtemp(path.join(tmpdir(), 'playground-browser-'));
let context;
try {
  context = await chromium.launchPersistentContext(profile, {
    executablePath: options.chromium,
    headless: true,
    chromiumSandbox: false,
    // High enough for the whole query: Monaco draws only the lines in sight.
    viewport: { width: 1400, height: 1100 },
    colorScheme: options.dark ? 'dark' : 'light',
    args: [
      ...['--disable-gpu', '--disable-quic', '--no-first-run'],
      // The browser's own errands: switched off, and without a name to call where a switch is not enough.
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${options.base.hostname}`,
    ],
  });
  listen(context, options.base, failures, seen);
  const page = context.pages()[0] ?? (await context.newPage());
  try {
    await ask(page, options.base, seen);
  } finally {
    if (options.screenshot) await page.screenshot({ path: options.screenshot });
  }
  failures.push(...(await inspect(page, options.text, seen)));
} catch (error) {
  failures.push(error.message);
} finally {
  await context?.close();
  await rm(profile, { recursive: true, force: true });
}

console.log(`${seen.requests} requests to ${[...seen.hosts].join(', ')}, ${seen.bytes} bytes; workers: ${seen.workers.join(', ')}`);
if (failures.length > 0) {
  console.error(`FAILED:\n- ${failures.join('\n- ')}`);
  process.exit(1);
}
console.log(`passed: the first query runs offline and its answer shows ${JSON.stringify(options.text)}`);
