import type { Icon } from '$ui/icon';

/** One choice of a select, a combobox, tabs or segments. */
export interface Option<Value extends string = string> {
  readonly value: Value;
  readonly label: string;
  readonly icon?: Icon;
  /** A second, quieter line or word. */
  readonly detail?: string;
  readonly disabled?: boolean;
}
