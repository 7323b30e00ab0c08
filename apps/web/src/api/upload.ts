// A file on its way to the server. `fetch` cannot tell how much of a body was sent, hence XMLHttpRequest.

import type { Schema } from '@centrala/api-client';
import { Problem, problemOf } from './problem';

export interface UploadOptions {
  /** Share that was sent, 0 to 1. */
  onProgress?: (share: number) => void;
}

interface Surroundings extends UploadOptions {
  url: string;
  headers: Record<string, string>;
  request: () => XMLHttpRequest;
  now: () => number;
}

export interface Upload {
  readonly done: Promise<Schema<'MediaOut'>>;
  cancel: () => void;
}

/** Without a byte moving for so long, it is given up; large files on slow lines may take their time. */
const STALLED_MS = 60_000;

export function uploadFile(file: Blob, name: string, around: Surroundings): Upload {
  const request = around.request();
  const done = new Promise<Schema<'MediaOut'>>((resolve, reject) => {
    let stalled: ReturnType<typeof setTimeout> | undefined;
    let hasStalled = false;
    const moves = (): void => {
      clearTimeout(stalled);
      stalled = setTimeout(() => {
        hasStalled = true;
        request.abort();
      }, STALLED_MS);
    };
    const fail = (problem: Problem): void => {
      clearTimeout(stalled);
      reject(problem);
    };
    request.upload.onprogress = (event) => {
      moves();
      if (event.lengthComputable) around.onProgress?.(event.loaded / event.total);
    };
    request.onload = () => {
      clearTimeout(stalled);
      const body = parse(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(body as Schema<'MediaOut'>);
      else reject(problemOf(request.status, (header) => request.getResponseHeader(header), body, around.now()));
    };
    request.onerror = () => fail(new Problem({ slug: 'offline' }));
    request.onabort = () => fail(new Problem({ slug: hasStalled ? 'timeout' : 'aborted' }));
    request.open('POST', around.url);
    for (const [header, value] of Object.entries(around.headers)) request.setRequestHeader(header, value);
    const form = new FormData();
    form.append('file', file, name);
    moves();
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
