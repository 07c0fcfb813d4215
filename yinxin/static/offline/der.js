// DER, as far as certificates and revocation lists need it; lengths are minimal and definite.
import { Malformed } from "./bytes.js";

export const SEQUENCE = 0x30;
export const INTEGER = 0x02;

export function elements(octets, start = 0, end = octets.length) {
  const found = [];
  let at = start;
  while (at < end) {
    const element = read(octets, at, end);
    found.push(element);
    at = element.end;
  }
  return found;
}

export function only(octets, tag) {
  const found = elements(octets);
  if (found.length !== 1 || found[0].tag !== tag) throw new Malformed("DER");
  return found[0];
}

export const children = (element) => elements(element.octets, element.from, element.end);
export const content = (element) => element.octets.subarray(element.from, element.end);
export const whole = (element) => element.octets.subarray(element.start, element.end);

function read(octets, start, limit) {
  if (limit - start < 2) throw new Malformed("DER is cut");
  const tag = octets[start];
  let length = octets[start + 1];
  let from = start + 2;
  if ((tag & 31) === 31 || length === 0x80) throw new Malformed("DER");
  if (length > 0x80) {
    const count = length & 127;
    if (count > 4 || from + count > limit || octets[from] === 0) throw new Malformed("DER");
    length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + octets[from + index];
    if (length < 128) throw new Malformed("DER");
    from += count;
  }
  if (from + length > limit) throw new Malformed("DER is cut");
  return { octets, tag, start, from, end: from + length };
}

export function oid(element) {
  const octets = content(element);
  if (octets.length > 64) throw new Malformed("a name of DER");
  const parts = [];
  let value = 0n; // an arc may be a UUID
  for (const octet of octets) {
    value = value * 128n + BigInt(octet & 127);
    if (octet & 128) continue;
    if (parts.length) parts.push(value);
    else {
      const first = value < 80n ? value / 40n : 2n;
      parts.push(first, value - 40n * first);
    }
    value = 0n;
  }
  return parts.join(".");
}

/** Seconds since 1970 of a UTCTime or GeneralizedTime that ends in Z. */
export function time(element) {
  let text = String.fromCharCode(...content(element));
  if (element.tag === 0x17) text = (Number(text.slice(0, 2)) >= 50 ? "19" : "20") + text;
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!found || ![0x17, 0x18].includes(element.tag)) throw new Malformed("a time of DER");
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

export function bits(element) {
  if (element.tag !== 0x03 || element.octets[element.from] !== 0) throw new Malformed("a bit string");
  return element.octets.subarray(element.from + 1, element.end);
}
