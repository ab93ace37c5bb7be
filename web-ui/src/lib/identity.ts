/**
 * A UUID version 4 (RFC 9562, section 5.4) from 16 random bytes.
 * `crypto.randomUUID` is absent on plain-HTTP pages, which a town's intranet may still be.
 */
export function uuidFromBytes(random: Uint8Array): string {
  if (random.length !== 16) throw new RangeError(`16 bytes make a UUID, not ${random.length}`);
  const bytes = Uint8Array.from(random);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function newUuid(): string {
  return uuidFromBytes(crypto.getRandomValues(new Uint8Array(16)));
}
