// Follows the changes of a service with the usual clients, while somebody writes and the service is killed and started again.
//
//   node test/follow.mjs [--writes N] [--restarts N] PROGRAM
//
// PROGRAM is the built service. It is started on a directory and a port of its own, and is ended by turns with SIGKILL and
// with SIGTERM. The followers are graphql-ws over a WebSocket, graphql-sse over server-sent events, and EventSource on
// /graphql and on /changes. Each must be told every commit once and in order, as the list of changes has them in the end.
// Exit codes: 0 passed, 1 failed, 2 wrong usage.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { EventSource } from 'eventsource';
import { createClient as createSSEClient } from 'graphql-sse';
import { createClient as createWSClient } from 'graphql-ws';
import WebSocket from 'ws';

const usage = 'usage: node test/follow.mjs [--writes N] [--restarts N] PROGRAM';
const patience = 60_000; // milliseconds until a follower must have seen everything

function settings() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { writes: { type: 'string', default: '400' }, restarts: { type: 'string', default: '4' } },
    });
    const [program, ...rest] = positionals;
    const [writes, restarts] = [Number(values.writes), Number(values.restarts)];
    if (!program || rest.length > 0) throw new Error('it takes PROGRAM');
    if (!Number.isInteger(writes) || !Number.isInteger(restarts)) throw new Error('--writes and --restarts take whole numbers');
    return { program: path.resolve(program), writes, restarts };
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    process.exit(2);
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** The service as a process that can be ended and started again on the same directory and port. */
class Service {
  constructor(program, store, port) {
    this.command = [program, ['serve', '--store', `badger:${store}`, '--listen', `127.0.0.1:${port}`, '--example=false', '--log-level', 'warn']];
    this.base = `http://127.0.0.1:${port}`;
  }

  async start() {
    this.process = spawn(...this.command, { stdio: ['ignore', 'ignore', 'inherit'] });
    for (let i = 0; i < 200; i++) {
      if (this.process.exitCode !== null) break;
      const ready = await fetch(`${this.base}/readyz`).then((r) => r.ok, () => false);
      if (ready) return;
      await sleep(50);
    }
    throw new Error('the service does not become ready');
  }

  async stop(signal) {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill(signal);
    const [code] = await ended;
    if (signal === 'SIGTERM' && code !== 0) throw new Error(`the service ends with ${code} after SIGTERM`);
  }

  async ask(query, variables) {
    const response = await fetch(`${this.base}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await response.json();
    if (errors) throw new Error(errors[0].message);
    return data;
  }
}

const subscription = 'subscription ($since: Revision) { changes(since: $since) { revision changes { operation id } } }';

/** What one follower was told: each change as "revision operation id". */
class Told {
  revision = 0;
  changes = [];
  heartbeats = 0;
  connections = 0;
  mistakes = [];

  constructor(name) {
    this.name = name;
  }

  take({ revision, changes }) {
    if (changes.length === 0) this.heartbeats++;
    for (const { operation, id } of changes) this.changes.push(`${revision} ${operation.toUpperCase()} ${id}`);
    this.revision = Number(revision);
  }
}

/** graphql-ws sends the payload anew with every connection, so it need only be told where to go on. */
function followOverWebSocket(base) {
  const told = new Told('graphql-ws');
  const client = createWSClient({
    url: `${base.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: Infinity,
    retryWait: () => sleep(100),
    shouldRetry: () => true,
    on: { connected: () => told.connections++ },
  });
  const payload = { query: subscription, variables: { since: '0' } };
  const stop = client.subscribe(payload, {
    next: ({ data, errors }) => {
      if (errors) told.mistakes.push(errors[0].message);
      else told.take(data.changes);
      payload.variables.since = String(told.revision);
    },
    error: (error) => told.mistakes.push(error),
    complete: () => {},
  });
  return { told, stop };
}

/** graphql-sse as well. */
function followOverEvents(base) {
  const told = new Told('graphql-sse');
  const client = createSSEClient({
    url: `${base}/graphql`,
    retryAttempts: Infinity,
    retry: () => sleep(100),
    fetchFn: async (...request) => {
      const response = await fetch(...request);
      told.connections++;
      return response;
    },
  });
  const payload = { query: subscription, variables: { since: '0' } };
  const stop = client.subscribe(payload, {
    next: ({ data, errors }) => {
      if (errors) told.mistakes.push(errors[0].message);
      else told.take(data.changes);
      payload.variables.since = String(told.revision);
    },
    error: (error) => told.mistakes.push(error),
    complete: () => {},
  });
  return { told, stop };
}

/** EventSource remembers the id of the last event by itself. */
function followWithEventSource(name, url, event, read) {
  const told = new Told(name);
  const source = new EventSource(url);
  source.addEventListener('open', () => told.connections++);
  source.addEventListener(event, ({ data }) => told.take(read(JSON.parse(data))));
  source.addEventListener('heartbeat', ({ data }) => told.take(JSON.parse(data)));
  source.addEventListener('complete', () => told.mistakes.push('the stream is complete'));
  return { told, stop: () => source.close() };
}

/** Writes one after the other. What the service did not acknowledge is sent again under the same key. */
async function write(service, count, progress) {
  const query = 'mutation ($input: ApplyInput!) { apply(input: $input) { revision userErrors { message } } }';
  for (let n = 0; n < count; n++) {
    const change = { putEntity: { id: `person/${n % 7}`, kind: 'PERSON', name: `Name ${n}` } };
    for (;;) {
      try {
        const { apply } = await service.ask(query, { input: { idempotencyKey: `write-${n}`, changes: [change] } });
        if (apply.userErrors.length > 0) throw new Error(apply.userErrors[0].message);
        break;
      } catch {
        await sleep(20); // the service is being started again
      }
    }
    progress(n + 1);
    await sleep(2);
  }
}

/** Every change there is, by the list. */
async function listed(service) {
  const all = [];
  const query = 'query ($after: Cursor) { changes(first: 1000, after: $after) { nodes { revision operation id } pageInfo { hasNextPage endCursor } } }';
  for (let after = null; ; ) {
    const { changes } = await service.ask(query, { after });
    for (const { revision, operation, id } of changes.nodes) all.push(`${revision} ${operation} ${id}`);
    if (!changes.pageInfo.hasNextPage) return all;
    after = changes.pageInfo.endCursor;
  }
}

async function run({ program, writes, restarts }) {
  const store = await mkdtemp(path.join(tmpdir(), 'follow-'));
  const service = new Service(program, store, await freePort());
  const followers = [];
  try {
    await service.start();
    const byQuery = `${service.base}/graphql?query=${encodeURIComponent(subscription)}`;
    followers.push(
      followOverWebSocket(service.base),
      followOverEvents(service.base),
      followWithEventSource('EventSource on /graphql', byQuery, 'next', ({ data }) => data.changes),
      followWithEventSource('EventSource on /changes', `${service.base}/changes`, 'message', (batch) => batch),
    );
    let written = 0;
    const writing = write(service, writes, (n) => (written = n));
    for (let n = 1; n <= restarts; n++) {
      while (written < (n * writes) / (restarts + 1)) await sleep(10);
      await service.stop(n % 2 === 1 ? 'SIGKILL' : 'SIGTERM');
      await service.start();
    }
    await writing;
    const want = await listed(service);
    const last = Number(want.at(-1).split(' ')[0]);
    for (const until = Date.now() + patience; Date.now() < until; await sleep(50)) {
      if (followers.every(({ told }) => told.revision >= last)) break;
    }
    return followers.map(({ told }) => [told, judge(told, want, restarts)]);
  } finally {
    for (const { stop } of followers) stop();
    await service.stop('SIGTERM');
    await rm(store, { recursive: true, force: true });
  }
}

/** What is wrong with what a follower was told; empty when nothing is. */
function judge(told, want, restarts) {
  const wrong = told.mistakes.map((m) => `was told: ${m instanceof Error ? m.message : JSON.stringify(m)}`);
  const at = want.findIndex((change, i) => told.changes[i] !== change);
  if (at >= 0) wrong.push(`change ${at} is ${told.changes[at] ?? 'not there'}, and should be ${want[at]}`);
  if (told.changes.length > want.length) wrong.push(`was told ${told.changes.length} changes of ${want.length}`);
  // One that waits long before it connects again may miss a restart altogether.
  if (restarts > 0 && told.connections < 2) wrong.push('never had to connect again');
  return wrong;
}

let failed = false;
for (const [told, wrong] of await run(settings())) {
  console.log(`${told.name}: ${told.changes.length} changes, ${told.heartbeats} heartbeats, ${wrong.length === 0 ? 'as they should be' : wrong.join('; ')}`);
  failed ||= wrong.length > 0;
}
process.exit(failed ? 1 : 0);
