// Which kind of message a file becomes, by what the channel takes. Pure.

import type { Content, Schema } from '$api/index';

export type FileKind = 'image' | 'video' | 'audio' | 'document';
export type Refusal = { reason: 'empty' } | { reason: 'tooLarge'; most: number };
export type Taken = { kind: FileKind; problem: null } | { kind: FileKind; problem: Refusal };

const KINDS: readonly FileKind[] = ['image', 'video', 'audio'];

/** A picture that the channel would not show still goes as a document, as any type does. */
export function takes(file: { type: string; size: number }, limits: Schema<'LimitsOut'> | null): Taken {
  if (file.size === 0) return { kind: 'document', problem: { reason: 'empty' } };
  if (limits === null) return { kind: 'document', problem: null };
  const type = file.type.split(';')[0]?.trim().toLowerCase() ?? '';
  const limitOf = (kind: FileKind) => limits.media.find((one) => one.kind === kind);
  const fitting = KINDS.find((kind) => {
    const limit = limitOf(kind);
    return limit !== undefined && limit.mime_types.includes(type) && file.size <= limit.max_bytes;
  });
  if (fitting !== undefined) return { kind: fitting, problem: null };
  const most = limitOf('document')?.max_bytes ?? Infinity;
  return { kind: 'document', problem: file.size > most ? { reason: 'tooLarge', most } : null };
}

export interface Ready {
  kind: FileKind;
  media: string;
  name: string;
  caption: string;
}

export const takesCaption = (kind: FileKind): boolean => kind !== 'audio';

/** What is sent, in order. The text is the caption of the first file that takes one, or a message of its own. */
export function contentsOf(text: string, files: readonly Ready[]): Content[] {
  const body = text.trim();
  const captioned = files.findIndex((file) => takesCaption(file.kind));
  const contents = files.map((file, at): Content => {
    const caption = (at === captioned ? body : file.caption.trim()) || null;
    switch (file.kind) {
      case 'audio':
        return { type: 'audio', media: file.media };
      case 'document':
        return { type: 'document', media: file.media, caption, filename: file.name };
      default:
        return { type: file.kind, media: file.media, caption };
    }
  });
  if (body !== '' && captioned < 0) contents.push({ type: 'text', body });
  return contents;
}
