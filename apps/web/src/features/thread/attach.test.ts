import { expect, test } from 'vitest';
import type { Schema } from '$api/index';
import { contentsOf, takes } from './attach';

const limits = {
  media: [
    { kind: 'image', max_bytes: 5, mime_types: ['image/jpeg', 'image/png'] },
    { kind: 'audio', max_bytes: 16, mime_types: ['audio/ogg'] },
    { kind: 'document', max_bytes: 100, mime_types: [] },
  ],
} as unknown as Schema<'LimitsOut'>;

test('a file goes as what the channel shows, else as a document, else not at all', () => {
  expect(takes({ type: 'image/png', size: 5 }, limits)).toEqual({ kind: 'image', problem: null });
  expect(takes({ type: 'image/png', size: 6 }, limits)).toEqual({ kind: 'document', problem: null });
  expect(takes({ type: 'image/gif', size: 1 }, limits).kind).toBe('document');
  expect(takes({ type: 'audio/ogg; codecs=opus', size: 9 }, limits).kind).toBe('audio');
  expect(takes({ type: 'video/mp4', size: 101 }, limits).problem).toEqual({ reason: 'tooLarge', most: 100 });
  expect(takes({ type: 'text/plain', size: 0 }, limits).problem).toEqual({ reason: 'empty' });
});

test('the text becomes the caption of the first file that takes one, and is never lost', () => {
  const file = (kind: 'image' | 'audio' | 'document', caption = '') => ({
    kind,
    media: `m_${kind}`,
    name: 'n',
    caption,
  });
  expect(contentsOf(' Poftim ', [file('audio'), file('image'), file('document', 'b')])).toEqual([
    { type: 'audio', media: 'm_audio' },
    { type: 'image', media: 'm_image', caption: 'Poftim' },
    { type: 'document', media: 'm_document', caption: 'b', filename: 'n' },
  ]);
  expect(contentsOf('Ascultă', [file('audio')])).toEqual([
    { type: 'audio', media: 'm_audio' },
    { type: 'text', body: 'Ascultă' },
  ]);
  expect(contentsOf('  ', [])).toEqual([]);
});
