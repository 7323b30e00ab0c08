import { expect, test } from 'vitest';
import { Api } from './api';
import { Problem, retryAfterMs } from './problem';

const answering = (answer: (request: Request) => Response | Promise<Response>, seen: Request[] = []): Api =>
  new Api({
    baseUrl: 'http://localhost',
    fetch: async (request) => {
      seen.push(request);
      return await answer(request);
    },
    newKey: () => 'key-1',
    now: () => Date.parse('2026-11-22T12:00:00Z'),
    timeoutMs: 50,
  });
const refusal = (status: number, body: object | string, headers: Record<string, string> = {}): Response =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
const me = (api: Api) => api.ask((client) => client.GET('/api/v1/me'));
const thrown = (promise: Promise<unknown>): Promise<Problem> =>
  promise.then(
    () => Promise.reject(new Error('it was not refused')),
    (problem: unknown) => problem as Problem,
  );

test('a refusal becomes a problem with slug, pointers, request and time to wait', async () => {
  const body = {
    type: '/problems/too-many-requests',
    title: 'Too many requests',
    status: 429,
    detail: 'slowly',
    instance: 'trc_1',
    errors: [{ pointer: '/name', code: 'length', params: { max: 40 }, detail: 'too long' }],
  };
  const problem = await thrown(me(answering(() => refusal(429, body, { 'retry-after': '7' }))));
  expect(problem).toBeInstanceOf(Problem);
  expect(problem).toMatchObject({ slug: 'too-many-requests', status: 429, request: 'trc_1', retryAfterMs: 7000 });
  expect(problem.at('/name')).toEqual({ pointer: '/name', code: 'length', params: { max: 40 }, detail: 'too long' });
  expect(problem.isPassing).toBe(true);
});

test('what a proxy answers is a problem too', async () => {
  const problem = await thrown(me(answering(() => refusal(502, '<html>', { 'content-type': 'text/html' }))));
  expect(problem).toMatchObject({ slug: 'unreadable', status: 502, isPassing: true });
});

/** Node collects a request that nobody holds, and its signals with it; a browser holds what is under way. */
const held: Request[] = [];

test('no connection, no answer in time, and giving up are told apart', async () => {
  const offline = await thrown(me(answering(() => Promise.reject(new TypeError('Failed to fetch')))));
  expect(offline).toMatchObject({ slug: 'offline', isPassing: true });
  const never = (request: Request): Promise<Response> =>
    new Promise((_, reject) => {
      request.signal.addEventListener('abort', () => reject(new DOMException('x', 'AbortError')));
    });
  expect(await thrown(me(answering(never, held)))).toMatchObject({ slug: 'timeout', isPassing: true });
  const abort = new AbortController();
  const asked = answering(never, held).ask((client) => client.GET('/api/v1/me', { signal: abort.signal }));
  abort.abort();
  expect(await thrown(asked)).toMatchObject({ slug: 'aborted', isPassing: false });
});

test('posts carry a key, except creates with a client id and what refuses one', async () => {
  const seen: Request[] = [];
  const api = answering(() => new Response('{}', { headers: { 'content-type': 'application/json' } }), seen);
  const conversation = 'conv_1';
  const params = { path: { conversation } };
  await api.ask((client) => client.POST('/api/v1/conversations/{conversation}/claim', { params }));
  const body = { client_id: 'c', content: { type: 'text' as const, body: 'Da' } };
  await api.ask((client) => client.POST('/api/v1/conversations/{conversation}/messages', { params, body }));
  await api.ask((client) => client.POST('/api/v1/api_tokens', { body: { name: 'x' } }));
  await api.ask((client) => client.POST('/api/v1/media/{media}/fetch', { params: { path: { media: 'med_1' } } }));
  expect(seen.map((request) => request.headers.get('idempotency-key'))).toEqual(['key-1', null, null, 'key-1']);
  expect(await seen[1]?.json()).toEqual(body);
});

test('whoever wants to know is told that the session ended', async () => {
  const api = answering(() => refusal(401, { type: '/problems/unauthenticated', title: 'Not signed in' }));
  let times = 0;
  const stop = api.onUnauthenticated(() => (times += 1));
  await thrown(me(api));
  stop();
  await thrown(me(api));
  expect(times).toBe(1);
});

test('Retry-After is a number or a date', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  expect(retryAfterMs('3', now)).toBe(3000);
  expect(retryAfterMs('Sun, 22 Nov 2026 12:00:10 GMT', now)).toBe(10_000);
  expect(retryAfterMs('soon', now)).toBe(null);
});

test('an upload tells its progress, its answer, and can be given up', async () => {
  const requests: XMLHttpRequest[] = [];
  const request = (): XMLHttpRequest => {
    const events = {
      upload: {} as XMLHttpRequestUpload,
      status: 0,
      responseText: '',
      open: () => undefined,
      setRequestHeader: () => undefined,
      send: () => undefined,
      getResponseHeader: () => null,
      abort() {
        (events as unknown as { onabort: () => void }).onabort();
      },
    };
    requests.push(events as unknown as XMLHttpRequest);
    return events as unknown as XMLHttpRequest;
  };
  const api = new Api({ baseUrl: 'http://localhost', request });
  const shares: number[] = [];
  const upload = api.upload(new Blob(['abcd']), 'a.txt', { onProgress: (share) => shares.push(share) });
  const [first] = requests as unknown as [Record<string, unknown> & { upload: Record<string, (it: object) => void> }];
  first.upload['onprogress']?.({ lengthComputable: true, loaded: 1, total: 4 });
  Object.assign(first, { status: 201, responseText: '{"id":"med_1"}' });
  (first['onload'] as () => void)();
  expect((await upload.done).id).toBe('med_1');
  expect(shares).toEqual([0.25]);
  const second = api.upload(new Blob(['x']), 'b.txt');
  second.cancel();
  expect(await thrown(second.done)).toMatchObject({ slug: 'aborted' });
});
