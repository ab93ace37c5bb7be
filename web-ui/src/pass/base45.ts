/** RFC 9285, section 4. */
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** The bytes of a text; null for one that stands for none. */
export function decodeBase45(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 3 === 1) return null;
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3) / 2);
  let end = 0;
  for (let start = 0; start < text.length; start += 3) {
    const group = text.slice(start, start + 3);
    let value = 0;
    for (let place = group.length - 1; place >= 0; place -= 1) {
      const digit = ALPHABET.indexOf(group.charAt(place));
      if (digit < 0) return null;
      value = value * 45 + digit;
    }
    if (value >= (group.length === 3 ? 65_536 : 256)) return null;
    if (group.length === 3) bytes[end++] = value >> 8;
    bytes[end++] = value & 255;
  }
  return bytes;
}

export function encodeBase45(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 2) {
    const isPair = start + 1 < bytes.length;
    let value = isPair ? bytes[start]! * 256 + bytes[start + 1]! : bytes[start]!;
    for (let count = isPair ? 3 : 2; count > 0; count -= 1) {
      text += ALPHABET.charAt(value % 45);
      value = Math.floor(value / 45);
    }
  }
  return text;
}
