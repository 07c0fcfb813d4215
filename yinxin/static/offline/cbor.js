// CBOR (RFC 8949) within the limits of sealkit/cbor.py: no tags, no duplicate keys, 8 levels,
// nothing after the item. Integers beyond 2^53 are refused: nothing of ours needs them.
import { Malformed, joined, utf8 } from "./bytes.js";

const MAX_DEPTH = 8;

export function decode(octets, { indefinite = true } = {}) {
  const reader = { octets, at: 0, indefinite };
  const value = item(reader, 1);
  if (reader.at !== octets.length) throw new Malformed("bytes follow the CBOR item");
  return value;
}

/** The byte string of `octets`, encoded deterministically. */
export function byteString(octets) {
  const length = octets.length;
  let head = [0x5a, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];
  if (length < 24) head = [0x40 | length];
  else if (length < 256) head = [0x58, length];
  else if (length < 65536) head = [0x59, length >> 8, length & 255];
  return joined(Uint8Array.from(head), octets);
}

function take(reader, count) {
  if (count > reader.octets.length - reader.at) throw new Malformed("CBOR is cut");
  reader.at += count;
  return reader.octets.subarray(reader.at - count, reader.at);
}

function argument(reader, low) {
  if (low < 24) return low;
  if (low > 27) throw new Malformed("CBOR length");
  const octets = take(reader, 1 << (low - 24));
  let value = 0n;
  for (const octet of octets) value = (value << 8n) | BigInt(octet);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Malformed("CBOR number too large");
  return Number(value);
}

function item(reader, depth) {
  if (depth > MAX_DEPTH) throw new Malformed("CBOR too deep");
  const first = take(reader, 1)[0];
  const major = first >> 5;
  const low = first & 31;
  if (low === 31) return endless(reader, major, depth);
  if (major === 7) return simple(reader, low);
  if (major === 6) throw new Malformed("a tag where none belongs");
  const count = argument(reader, low);
  if (major === 0) return count;
  if (major === 1) return -1 - count;
  if (major === 2) return take(reader, count).slice();
  if (major === 3) return utf8(take(reader, count));
  if (count > reader.octets.length) throw new Malformed("CBOR is cut");
  if (major === 4) return Array.from({ length: count }, () => item(reader, depth + 1));
  const map = new Map();
  for (let left = count; left > 0; left -= 1) pair(map, reader, depth);
  return map;
}

function pair(map, reader, depth) {
  const key = item(reader, depth + 1);
  if (typeof key === "object" && key !== null) throw new Malformed("a CBOR key of this type");
  if (map.has(key)) throw new Malformed("a CBOR key stands twice");
  map.set(key, item(reader, depth + 1));
}

function endless(reader, major, depth) {
  if (!reader.indefinite || major < 2 || major > 5) throw new Malformed("CBOR of no length");
  const stops = () => reader.octets[reader.at] === 0xff;
  const parts = [];
  const map = new Map();
  while (!stops()) {
    if (major === 5) pair(map, reader, depth);
    else parts.push(item(reader, depth + 1));
    if (reader.at >= reader.octets.length) throw new Malformed("CBOR is cut");
  }
  reader.at += 1;
  if (major === 5) return map;
  if (major === 4) return parts;
  if (major === 3 && parts.every((part) => typeof part === "string")) return parts.join("");
  if (major === 2 && parts.every((part) => part instanceof Uint8Array)) {
    return Uint8Array.from(parts.flatMap((part) => [...part]));
  }
  throw new Malformed("a CBOR piece of another type");
}

function simple(reader, low) {
  if (low === 20 || low === 21) return low === 21;
  if (low === 22 || low === 23) return null;
  if (low >= 25 && low <= 27) take(reader, 1 << (low - 24));
  else if (low === 24) take(reader, 1);
  return NaN; // a float or another simple value: no claim of ours is one
}
