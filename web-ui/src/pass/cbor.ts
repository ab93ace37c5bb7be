// The part of CBOR (RFC 8949) that passes and bundles are written in: whole numbers, bytes, texts, arrays, maps, tags and
// null, all of definite length. What is read is written anew in the one deterministic form (section 4.2.1) and compared.

export class CborError extends Error {}

export class Tagged {
  constructor(
    readonly tag: bigint,
    readonly value: Value,
  ) {}
}

/** A map, its pairs as they came. */
export class Pairs {
  constructor(readonly entries: ReadonlyArray<readonly [Value, Value]>) {}
}

export type Value = bigint | Uint8Array<ArrayBuffer> | string | null | readonly Value[] | Pairs | Tagged;

/** Levels of arrays, maps and tags: more than a bundle has. */
const DEPTH_MAX = 6;

class Reader {
  private position = 0;
  private readonly view: DataView;
  private readonly words = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(private readonly bytes: Uint8Array<ArrayBuffer>) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get rest(): number {
    return this.bytes.length - this.position;
  }

  value(depth: number): Value {
    if (depth > DEPTH_MAX) throw new CborError("too deep");
    const first = this.number(1);
    const [major, minor] = [Number(first) >> 5, Number(first) & 31];
    if (major === 7) {
      if (minor !== 22) throw new CborError("neither a number, bytes, a text, an array, a map, a tag nor null");
      return null;
    }
    const argument = this.argument(minor);
    if (major === 0) return argument;
    if (major === 1) return -1n - argument;
    if (major === 2) return this.take(argument);
    if (major === 3) return this.text(argument);
    if (major === 6) return new Tagged(argument, this.value(depth + 1));
    return major === 4 ? this.many(argument, () => this.value(depth + 1)) : this.pairs(argument, depth);
  }

  private pairs(count: bigint, depth: number): Pairs {
    return new Pairs(this.many(count, () => [this.value(depth + 1), this.value(depth + 1)] as const));
  }

  private argument(minor: number): bigint {
    if (minor < 24) return BigInt(minor);
    if (minor > 27) throw new CborError("a length that is not definite");
    return this.number(1 << (minor - 24));
  }

  private number(width: number): bigint {
    if (this.rest < width) throw new CborError("it ends too early");
    let value = 0n;
    for (let count = 0; count < width; count += 1) value = (value << 8n) | BigInt(this.view.getUint8(this.position++));
    return value;
  }

  private take(length: bigint): Uint8Array<ArrayBuffer> {
    if (length > BigInt(this.rest)) throw new CborError("it ends too early");
    const start = this.position;
    this.position += Number(length);
    return this.bytes.subarray(start, this.position);
  }

  private text(length: bigint): string {
    const bytes = this.take(length);
    try {
      return this.words.decode(bytes);
    } catch {
      throw new CborError("a text that is not UTF-8");
    }
  }

  private many<T>(count: bigint, read: () => T): T[] {
    // Each takes a byte at least: what is only claimed sets nothing aside.
    if (count > BigInt(this.rest)) throw new CborError("it ends too early");
    return Array.from({ length: Number(count) }, read);
  }
}

/** The one value in these bytes, in whatever form it is written. */
export function read(bytes: Uint8Array<ArrayBuffer>): Value {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.rest > 0) throw new CborError("bytes are left over");
  return value;
}

function head(major: number, argument: bigint): number[] {
  if (argument < 24n) return [(major << 5) | Number(argument)];
  const width = argument < 0x100n ? 1 : argument < 0x1_0000n ? 2 : argument < 0x1_0000_0000n ? 4 : 8;
  const bytes = Array.from({ length: width }, (_, place) => Number((argument >> BigInt(8 * (width - 1 - place))) & 255n));
  return [(major << 5) | (24 + Math.log2(width)), ...bytes];
}

/** Before, the same, or after, byte by byte; what begins the other comes first. */
function compare(left: Uint8Array, right: Uint8Array): number {
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    if (left[index] !== right[index]) return left[index]! - right[index]!;
  }
  return left.length - right.length;
}

export function concat(parts: ReadonlyArray<Uint8Array | readonly number[]>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, it) => sum + it.length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

/** The deterministic form. */
export function write(value: Value): Uint8Array<ArrayBuffer> {
  if (value === null) return new Uint8Array([0xf6]);
  if (typeof value === "bigint") return new Uint8Array(value < 0n ? head(1, -1n - value) : head(0, value));
  if (value instanceof Uint8Array) return concat([head(2, BigInt(value.length)), value]);
  if (typeof value === "string") {
    const bytes = new TextEncoder().encode(value);
    return concat([head(3, BigInt(bytes.length)), bytes]);
  }
  if (value instanceof Tagged) return concat([head(6, value.tag), write(value.value)]);
  if (value instanceof Pairs) {
    const pairs = value.entries.map(([key, it]) => [write(key), write(it)] as const).sort(([left], [right]) => compare(left, right));
    if (pairs.some(([key], index) => index > 0 && compare(key, pairs[index - 1]![0]) === 0)) throw new CborError("a key stands twice");
    return concat([head(5, BigInt(pairs.length)), ...pairs.flat()]);
  }
  return concat([head(4, BigInt(value.length)), ...value.map(write)]);
}

export function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return compare(left, right) === 0;
}

/** Whether the value is written in these bytes as it has to be. */
export function isDeterministic(value: Value, bytes: Uint8Array): boolean {
  try {
    return isSame(write(value), bytes);
  } catch {
    return false;
  }
}

// What a value has to be, or it is refused.

export function asNumber(value: Value | undefined, max = 0xffff_ffff_ffff_ffffn): bigint {
  if (typeof value === "bigint" && value >= 0n && value <= max) return value;
  throw new CborError("a whole number is expected");
}

/** A number of 16 bits. */
export function asShort(value: Value | undefined): number {
  return Number(asNumber(value, 0xffffn));
}

export function asBytes(value: Value | undefined): Uint8Array<ArrayBuffer> {
  if (value instanceof Uint8Array) return value;
  throw new CborError("bytes are expected");
}

export function asText(value: Value | undefined, bytesMax: number): string {
  if (typeof value === "string" && new TextEncoder().encode(value).length <= bytesMax) return value;
  throw new CborError(`a text of at most ${bytesMax} bytes is expected`);
}

export function asArray(value: Value | undefined, min: number, max = min): readonly Value[] {
  if (Array.isArray(value) && value.length >= min && value.length <= max) return value as readonly Value[];
  throw new CborError(`an array of ${min} to ${max} is expected`);
}

/** A map by its keys, numbers and texts alone, each of them once. */
export function asMap(value: Value | undefined, max: number): Map<bigint | string, Value> {
  if (!(value instanceof Pairs) || value.entries.length > max) throw new CborError(`a map of at most ${max} is expected`);
  const map = new Map<bigint | string, Value>();
  for (const [key, it] of value.entries) {
    if ((typeof key !== "bigint" && typeof key !== "string") || map.has(key)) throw new CborError("a key stands twice, or is none");
    map.set(key, it);
  }
  return map;
}
