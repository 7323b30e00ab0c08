// The socket of a browser, at the address of the API.

import type { Hearing, Socket } from './connection';

export function openSocket(baseUrl: string, after: number, hearing: Hearing): Socket {
  const url = new URL('/api/v1/live', baseUrl);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('after', String(after));
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => hearing.frame(data);
  socket.onclose = ({ code }) => hearing.closed(code);
  return {
    close: () => socket.close(),
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
  };
}
