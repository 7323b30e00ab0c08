// Who is where: said by the socket beside the facts, complete for one conversation each time.

/** What an agent does in a conversation. */
export type Doing = 'looking' | 'replying' | 'noting';

export interface Present {
  readonly agent: string;
  readonly doing: Doing;
}

/** Everybody who is in a conversation now. */
export interface PresenceFrame {
  readonly type: 'presence';
  readonly conversation: string;
  readonly agents: readonly Present[];
}

/** What a page tells the server: where its agent is, and what he does there. */
export interface Telling {
  readonly type: 'presence';
  /** None: nowhere. */
  readonly conversation: string | null;
  readonly doing: Doing;
  /** The page is out of sight: its agent may be woken by notices. */
  readonly is_away: boolean;
}
