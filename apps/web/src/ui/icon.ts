import type { Component } from 'svelte';

/** What a lucide icon is to us; import each by itself: `@lucide/svelte/icons/reply`. */
export type Icon = Component<{ size?: number | string }>;
