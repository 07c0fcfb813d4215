// Bytes, text and the two refusals of reading: malformed, and well formed but not ours to read.

export class Malformed extends Error {}
export class Unsupported extends Error {}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const hex = (octets) => Array.from(octets, (o) => o.toString(16).padStart(2, "0")).join("");

export function utf8(octets) {
  try {
    return strict.decode(octets);
  } catch {
    throw new Malformed("not UTF-8");
  }
}

export function fromBase64(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) {
    throw new Malformed("not base64");
  }
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export function fromBase64url(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]+$/.test(text)) throw new Malformed("not base64url");
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  return fromBase64(plain + "=".repeat((4 - (plain.length % 4)) % 4));
}

export const same = (a, b) => a.length === b.length && a.every((octet, index) => octet === b[index]);

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
