/** An icon as lucide keeps it: elements with their attributes, in a square of 24 units. */
export interface Drawing {
  readonly name: string;
  readonly size: number;
  readonly node: readonly (readonly [tag: string, attributes: Readonly<Record<string, string>>])[];
}

const drawn = new Map<string, DocumentFragment>();

/** A copy of what the icon consists of; it is built once. */
export function partsOf({ name, node }: Drawing): Node {
  let parts = drawn.get(name);
  if (parts === undefined) {
    parts = document.createDocumentFragment();
    for (const [tag, attributes] of node) {
      const part = document.createElementNS('http://www.w3.org/2000/svg', tag);
      for (const [attribute, value] of Object.entries(attributes)) part.setAttribute(attribute, value);
      parts.append(part);
    }
    drawn.set(name, parts);
  }
  return parts.cloneNode(true);
}
