// The text of a code down to its claims: Base45, container, COSE_Sign1, CWT claims.
// The rules are those of sealkit/formats/code; a test holds both to the same codes.
import { Inflate } from "./vendor/pako-inflate.js";
import { Malformed, Unsupported, hex, joined } from "./bytes.js";
import { byteString, decode as decodeCBOR } from "./cbor.js";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const PREFIX = "CL1:";
const MAX_CHARACTERS = 4296; // what the largest QR symbol holds
const MAX_INFLATED = 8 * 1024;
const ALG_SM2_SM3 = -65537;
const UNDERSTOOD = new Set([1, 3, 4, 16]);
const HEAD = Uint8Array.from([0x84, 0x6a, ...new TextEncoder().encode("Signature1")]);
const LATEST = 221845392000; // year 9000

export function base45(text) {
  if (text.length % 3 === 1) throw new Malformed("not Base45");
  const octets = [];
  for (let at = 0; at < text.length; at += 3) {
    const values = [...text.slice(at, at + 3)].map((character) => ALPHABET.indexOf(character));
    if (values.includes(-1)) throw new Malformed("not Base45");
    const n = values.reduce((sum, value, place) => sum + value * 45 ** place, 0);
    if (n > (values.length === 3 ? 65535 : 255)) throw new Malformed("not Base45");
    if (values.length === 3) octets.push(n >> 8);
    octets.push(n & 255);
  }
  return Uint8Array.from(octets);
}

export function inflate(stream, options, limit) {
  const pieces = [];
  let length = 0;
  const inflater = new Inflate({ chunkSize: Math.min(limit + 1, 65536), ...options });
  inflater.onData = (piece) => {
    length += piece.length;
    if (length > limit) throw new Malformed("inflates too far");
    pieces.push(piece);
  };
  try {
    inflater.push(stream, true);
  } catch (error) {
    if (error instanceof Malformed) throw error;
    throw new Malformed("does not inflate");
  }
  if (inflater.err || !inflater.ended || inflater.strm.avail_in) throw new Malformed("does not inflate");
  return joined(...pieces);
}

export function unwrap(text, dictionaries) {
  if (!text.startsWith(PREFIX)) {
    if (/^CL[2-9A-Z]:/.test(text)) throw new Unsupported("another version");
    throw new Malformed("not a licence code");
  }
  if (text.length > MAX_CHARACTERS) throw new Malformed("longer than any QR symbol");
  const container = base45(text.slice(PREFIX.length));
  if (container[0] === 0xd2) return container;
  if (container[0] === 0x01 && container.length > 2) {
    const dictionary = dictionaries[container[1]];
    if (!dictionary) throw new Unsupported("unknown dictionary");
    return inflate(container.subarray(2), { raw: true, dictionary }, MAX_INFLATED);
  }
  if (container[0] === 0x78) return inflate(container, {}, MAX_INFLATED);
  throw new Malformed("the container is of no known form");
}

export function sign1(message) {
  if (message[0] !== 0xd2) throw new Malformed("not a COSE_Sign1");
  const members = decodeCBOR(message.subarray(1));
  if (!Array.isArray(members) || members.length !== 4) throw new Malformed("COSE_Sign1");
  const [shielded, unprotected, payload, signature] = members;
  const bytes = [shielded, payload, signature].every((member) => member instanceof Uint8Array);
  if (!bytes || !(unprotected instanceof Map)) throw new Malformed("COSE_Sign1");
  const header = shielded.length ? decodeCBOR(shielded, { indefinite: false }) : new Map();
  if (!(header instanceof Map) || !header.has(1)) throw new Malformed("no algorithm");
  checkCritical(header);
  if ([...header.keys()].some((label) => unprotected.has(label))) throw new Malformed("label in both headers");
  if (header.get(1) !== ALG_SM2_SM3) throw new Unsupported("not signed with SM2");
  if (signature.length !== 64) throw new Malformed("an SM2 signature has 64 bytes");
  const kid = header.get(4);
  if (!(kid instanceof Uint8Array) || kid.length !== 8) throw new Malformed("no kid");
  const typ = header.get(16) ?? null;
  if (typ !== null && typeof typ !== "string") throw new Malformed("typ is not a text");
  const signed = joined(HEAD, byteString(shielded), Uint8Array.of(0x40), byteString(payload));
  return { kid: hex(kid), typ, payload, signature, signed };
}

function checkCritical(header) {
  if (!header.has(2)) return;
  const critical = header.get(2);
  if (!Array.isArray(critical) || !critical.length) throw new Malformed("crit");
  if (critical.some((label) => ["number", "string"].includes(typeof label) && !UNDERSTOOD.has(label))) {
    throw new Unsupported("a critical header that we do not know");
  }
  if (!critical.every((label) => header.has(label))) throw new Malformed("crit");
}

export function readCode(text, dictionaries) {
  const message = sign1(unwrap(text, dictionaries));
  return { message, claims: readClaims(message.payload) };
}

export function seconds(value) {
  if (!Number.isInteger(value) || value < 0 || value > LATEST) throw new Malformed("a time");
  return value;
}

function readClaims(payload) {
  const claims = map(decodeCBOR(payload));
  const licence = map(claims.get(-65538));
  const slot = map(map(claims.get(65535)).get("status_list"));
  const holders = licence.get(8);
  if (!Array.isArray(holders) || !holders.length || holders.length > 8) throw new Malformed("holders");
  const digest = licence.get(11);
  if (!(digest instanceof Uint8Array) || digest.length !== 16) throw new Malformed("record digest");
  return {
    region: text(claims.get(1)),
    kindName: text(licence.get(1)),
    number: text(licence.get(2)),
    identifier: text(licence.get(3)),
    kindCode: text(licence.get(4)),
    edition: number(licence.get(5), 999),
    issuerCode: text(licence.get(6)),
    issuerName: text(licence.get(7)),
    holders: holders.map(text),
    holderCount: number(licence.has(12) ? licence.get(12) : holders.length, 65536),
    issuedOn: day(licence.get(9)),
    validFrom: day(licence.get(10)),
    ends: claims.has(4) ? seconds(claims.get(4)) : null,
    issuedAt: seconds(claims.get(6)),
    status: { uri: text(slot.get("uri")), index: number(slot.get("idx"), 2 ** 32) },
  };
}

function map(value) {
  if (!(value instanceof Map)) throw new Malformed("a map of the code is missing");
  return value;
}

function text(value) {
  if (typeof value !== "string" || !value || [...value].length > 512) throw new Malformed("a text");
  return value;
}

function number(value, largest) {
  if (!Number.isInteger(value) || value < 0 || value > largest) throw new Malformed("a number");
  return value;
}

function day(value) {
  if (!Number.isInteger(value) || value < -719162 || value > 2932895) throw new Malformed("a date");
  return value;
}
