import type { Tree } from '$i18n/i18n.svelte';

export function variables(tree: Tree): Map<string, string[]>;
export function render(tree: Tree): string;
