// The door of this room.

export { backoff, systemClock, type Clock } from './clock';
export { openSocket } from './browser';
export {
  Connection,
  type ConnectionOptions,
  type FactsPage,
  type Hearing,
  type LiveState,
  type Mode,
  type Socket,
  type Told,
} from './connection';
export { foldAgents, foldInboxes, foldLabels } from './directory';
export { conversationOf, foldConversation, foldDelivery, type ConversationFacts, type DeliveryFacts } from './fold';
export { compareAt, instant, micros } from './instant';
export { foldMessage, foldReactions, type Explain } from './message';
export { needsOf, type Need } from './needs';
export type { Doing, PresenceFrame, Present, Telling } from './presence';
export { columnOf, factsOf, foldRow, type Names } from './row';
