export function generated(): Promise<Record<string, string>>;
export function kindsOf(source: string): Record<string, Record<string, string>>;
