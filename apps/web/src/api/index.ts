// The door of this room.

export { Api, type ApiOptions } from './api';
export { newId } from './id';
export { Problem, toProblem, type FieldError, type Slug } from './problem';
export type { Upload, UploadOptions } from './upload';
export type { Actor, ApiClient, KnownEvent, LiveFrame, Recorded, Schema, UnknownEvent } from '@centrala/api-client';

import type { Schema } from '@centrala/api-client';

export type Conversation = Schema<'ConversationOut'>;
export type Message = Schema<'MessageOut'>;
export type Note = Schema<'NoteOut'>;
export type Activity = Schema<'ActivityOut'>;
export type Agent = Schema<'AgentOut'>;
export type Inbox = Schema<'InboxOut'>;
export type Label = Schema<'LabelOut'>;
export type Channel = Schema<'ChannelOut'>;
export type ChannelError = Schema<'ErrorOut'>;
export type ContactDetail = Schema<'ContactDetailOut'>;
export type Content = Schema<'ContentIn'>;
export type DeliveryStatus = Schema<'DeliveryStatus'>;
