// The way of an agent through the real program: sign in, list, claim, send, see it read. Needs CENTRALA_BIN.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApiClient, type ApiClient, type LiveClientFrame, type LiveFrame, type Recorded } from '../src/index';

interface Demo {
  url: string;
  sandbox_url: string;
  agents: { email: string; password: string; role: string }[];
}

let program: ChildProcess;
let demo: Demo;
let client: ApiClient;
let ownId: string | undefined;
const facts: Recorded[] = [];
const frames: LiveFrame[] = [];

beforeAll(async () => {
  const binary = process.env['CENTRALA_BIN'];
  if (!binary) throw new Error('set CENTRALA_BIN to the program, such as target/debug/centrala');
  const flags = ['demo', '--json', '--quiet-town', '--listen', '127.0.0.1:0', '--sandbox-listen', '127.0.0.1:0'];
  // The program takes every variable of this prefix for a setting of its own, and refuses unknown ones.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CENTRALA_')));
  program = spawn(binary, flags, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const { stdout } = program;
  if (stdout === null) throw new Error('the program says nothing');
  demo = JSON.parse(await firstLine(stdout)) as Demo;
});

afterAll(async () => {
  if (program?.exitCode === null && program.kill('SIGTERM')) await once(program, 'exit');
});

/** What the program says when it is ready; listening goes on, so that it never writes to a closed pipe. */
function firstLine(stream: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('data', (part: unknown) => {
      text += String(part);
      if (text.includes('\n')) resolve(text);
    });
    stream.on('end', () => reject(new Error('the program ended before it was ready')));
  });
}

async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = Date.now() + 20_000;
  while (Date.now() < end) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never happened: ${what}`);
}

test('an agent signs in with a cookie', async () => {
  const agent = demo.agents.find(({ role }) => role === 'agent') ?? demo.agents[0];
  if (agent === undefined) throw new Error('nobody works here');
  const headers = { origin: demo.url };
  const { email, password } = agent;
  const answer = await createApiClient({ baseUrl: demo.url, headers }).POST('/api/v1/session', {
    body: { email, password },
  });
  expect(answer.response.status).toBe(200);
  const cookie = answer.response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  client = createApiClient({
    baseUrl: demo.url,
    headers: { ...headers, cookie },
  });
  const answered = await client.GET('/api/v1/me');
  expect(answered.data?.agent.email).toBe(email);
  ownId = answered.data?.agent.id;
});

test('refusals are problems that name what is wrong', async () => {
  const params = { path: { conversation: 'msg_0000000000000000000000000e' } };
  const { error, response } = await client.GET('/api/v1/conversations/{conversation}', { params });
  expect([response.status, error?.type]).toEqual([400, '/problems/invalid-id']);
});

test('operations that keep no answers refuse a key', async () => {
  const headers = { 'idempotency-key': 'k-1' };
  const { error } = await client.POST('/api/v1/api_tokens', {
    body: { name: 'x' },
    headers,
  });
  expect(error?.errors?.[0]?.code).toBe('not-supported');
});

test('a conversation is listed, claimed and answered, and the customer reads the answer', async () => {
  const query = { status: ['open' as const], inbox: [], assignee: 'none' };
  const list = await until('a conversation', async () => {
    const { data } = await client.GET('/api/v1/conversations', {
      params: { query },
    });
    return data !== undefined && data.items.length > 0 ? data : undefined;
  });
  const conversation = list.items[0]?.id ?? '';
  const { data: ticket } = await client.POST('/api/v1/live/tickets');
  const url = `${demo.url.replace('http', 'ws')}/api/v1/live?after=${list.as_of}&ticket=${ticket?.ticket}`;
  const { socket, opened } = await listen(url);
  expect(opened.type).toBe('events');

  const writing: LiveClientFrame = { type: 'presence', conversation, doing: 'replying' };
  socket.send(JSON.stringify(writing));
  await until('it is told who writes', () => {
    const told = frames.find((frame) => frame.type === 'presence' && frame.conversation === conversation);
    return told?.type === 'presence' ? told.agents.find(({ agent, doing }) => agent === ownId && doing === 'replying') : undefined;
  });

  const params = { path: { conversation } };
  const headers = { 'idempotency-key': 'claim-1' };
  const claimed = await client.POST('/api/v1/conversations/{conversation}/claim', { params, headers });
  expect(claimed.data?.column).toBe('assigned');
  const body = {
    client_id: 'walk-1',
    content: { type: 'text' as const, body: 'Bună ziua! Imediat.' },
  };
  const path = '/api/v1/conversations/{conversation}/messages' as const;
  const first = await client.POST(path, { params, body });
  const second = await client.POST(path, { params, body });
  expect([first.response.status, second.response.status]).toEqual([201, 200]);
  expect(second.data?.id).toBe(first.data?.id);
  const message = first.data?.id ?? '';

  await until('the customer reads it', () =>
    facts.find(
      ({ event }) => event.kind === 'message_status_changed' && event.message === message && event.status === 'read',
    ),
  );
  const kinds = facts.map(({ event }) => event.kind);
  expect(kinds).toEqual(expect.arrayContaining(['conversation_assigned', 'message_queued', 'conversation_waiting']));
  const seqs = facts.map(({ seq }) => seq);
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  const { data: events } = await client.GET('/api/v1/events', {
    params: { query: { after: list.as_of, limit: 200 } },
  });
  const polled = (events?.items as unknown as Recorded[]).map(({ seq }) => seq);
  expect(polled).toEqual(expect.arrayContaining(seqs));
  socket.close();
});

interface Listening {
  socket: { close: () => void; send: (text: string) => void };
  opened: LiveFrame;
}

/** Follows the facts. Node 20 has a WebSocket behind a flag, which the npm script sets. */
function listen(url: string): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.onerror = () => reject(new Error('the socket failed'));
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(String(data)) as LiveFrame;
      frames.push(frame);
      if (frame.type === 'events') facts.push(...frame.items);
      resolve({ socket, opened: frame });
    };
  });
}
