import type { Icon } from '$ui/icon';

export interface MenuAction {
  readonly kind?: 'action';
  readonly label: string;
  readonly icon?: Icon;
  /** The registered command whose keys are shown; it runs unless `run` is given. */
  readonly command?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** Given, the item is one that can be on or off. */
  readonly checked?: boolean;
  readonly run?: () => void;
}

export interface MenuGroup {
  readonly kind: 'group';
  readonly label: string;
  readonly items: readonly MenuAction[];
}

export interface Submenu {
  readonly kind: 'submenu';
  readonly label: string;
  readonly icon?: Icon;
  readonly items: readonly MenuItem[];
}

export type MenuItem = MenuAction | MenuGroup | Submenu | { readonly kind: 'line' };
