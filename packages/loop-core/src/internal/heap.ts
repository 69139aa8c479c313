/** A heap of four children a node, its keys apart in an array of doubles, where comparing them touches few cache lines. */

export class Heap<T extends { place?: unknown }> {
  items: T[] = [];
  keys: number[] = [];

  /** Of equal keys, the item of the greater `place` comes first. */
  push(key: number, item: T): void {
    const { keys, items } = this;
    let at = items.length;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const above = keys[parent] as number;
      if (above < key || (above === key && (items[parent]?.place as number) > (item.place as number))) break;
      keys[at] = above;
      items[at] = items[parent] as T;
      at = parent;
    }
    keys[at] = key;
    items[at] = item;
  }

  pop(): T {
    const { keys, items } = this;
    const first = items[0] as T;
    const item = items.pop() as T;
    const key = keys.pop() as number;
    const { length } = items;
    if (length === 0) return first;
    let at = 0;
    for (let child = 1; child < length; child = at * 4 + 1) {
      let least = keys[child] as number;
      const end = child + 4 < length ? child + 4 : length;
      for (let other = child + 1; other < end; other++) {
        const candidate = keys[other] as number;
        if (
          candidate < least ||
          (candidate === least && (items[other]?.place as number) > (items[child]?.place as number))
        ) {
          least = candidate;
          child = other;
        }
      }
      if (key < least || (key === least && (item.place as number) > (items[child]?.place as number))) break;
      keys[at] = least;
      items[at] = items[child] as T;
      at = child;
    }
    keys[at] = key;
    items[at] = item;
    return first;
  }
}
