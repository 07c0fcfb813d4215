// Certificates and revocation lists (RFC 5280) signed with SM2, and the way from one to a root.
// What is not understood here is never passed: the answer is then that nothing can be said.
import { Malformed, hex, joined, same } from "./bytes.js";
import * as der from "./der.js";
import { digest, verifies } from "./sm.js";

const SM2_WITH_SM3 = "1.2.156.10197.1.501";
export const BUNDLES = "2.25.120818882647815369377137616324167819596";
const SERVICES = new Set(["1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9", BUNDLES]); // timestamps, status answers
const EXTENDED = "2.5.29.37";
const KNOWN = new Set(["2.5.29.15", "2.5.29.19", EXTENDED, "2.5.29.14", "2.5.29.35", "2.5.29.32", "2.5.29.31"]);
const MAX_LENGTH = 5;

export function readCertificate(octets) {
  const [tbs, algorithm, signature] = der.children(der.only(octets, der.SEQUENCE));
  const parts = der.children(tbs);
  if (parts[0].tag === 0xa0) parts.shift();
  const [serial, , issuer, validity, subject, spki] = parts;
  const [begins, ends] = der.children(validity).map(der.time);
  const key = der.bits(der.children(spki)[1]);
  const wrapper = parts.find((part) => part.tag === 0xa3);
  const certificate = {
    der: octets,
    tbs: der.whole(tbs),
    algorithm: der.oid(der.children(algorithm)[0]),
    signature: der.bits(signature),
    serial: hex(der.content(serial)),
    issuer: hex(der.whole(issuer)),
    subject: hex(der.whole(subject)),
    begins,
    ends,
    key,
    kid: digest(der.whole(spki)).slice(0, 16),
    ...readExtensions(wrapper ? der.children(wrapper)[0] : null),
  };
  return certificate;
}

function readExtensions(sequence) {
  const found = { usage: null, extended: [], alone: false, authority: false, pathLength: null, odd: false, constrained: false };
  for (const extension of sequence ? der.children(sequence) : []) {
    const parts = der.children(extension);
    const name = der.oid(parts[0]);
    const critical = parts.length === 3;
    const value = der.content(parts[parts.length - 1]);
    if (name === "2.5.29.30") found.constrained = true;
    else if (critical && !KNOWN.has(name)) found.odd = true;
    if (name === "2.5.29.15") found.usage = usageOf(der.only(value, 0x03));
    if (name === EXTENDED) {
      found.extended = der.children(der.only(value, der.SEQUENCE)).map(der.oid);
      found.alone = critical && found.extended.length === 1;
    }
    if (name === "2.5.29.19") Object.assign(found, basicOf(der.only(value, der.SEQUENCE)));
  }
  return found;
}

function usageOf(element) {
  const octets = der.content(element);
  const first = octets.length > 1 ? octets[1] : 0;
  return { signs: (first & 0xc0) !== 0, signsCertificates: (first & 0x04) !== 0 };
}

function basicOf(sequence) {
  const parts = der.children(sequence);
  const authority = parts.length > 0 && parts[0].tag === 0x01 && parts[0].octets[parts[0].from] === 0xff;
  const limit = parts.find((part) => part.tag === der.INTEGER);
  return { authority, pathLength: limit ? Number(`0x${hex(der.content(limit))}`) : null };
}

export function readList(octets) {
  const [tbs, algorithm, signature] = der.children(der.only(octets, der.SEQUENCE));
  const parts = der.children(tbs);
  if (parts[0].tag === der.INTEGER) parts.shift();
  const [, issuer, made] = parts;
  const rest = parts.slice(3);
  const next = rest[0] && [0x17, 0x18].includes(rest[0].tag) ? der.time(rest.shift()) : null;
  const entries = rest[0]?.tag === der.SEQUENCE ? der.children(rest.shift()) : [];
  const extensions = rest[0]?.tag === 0xa0 ? der.children(der.children(rest[0])[0]) : [];
  const revoked = new Map(entries.map((entry) => {
    const [serial, at] = der.children(entry);
    return [hex(der.content(serial)), der.time(at)];
  }));
  return {
    tbs: der.whole(tbs),
    algorithm: der.oid(der.children(algorithm)[0]),
    signature: der.bits(signature),
    issuer: hex(der.whole(issuer)),
    made: der.time(made),
    next,
    revoked,
    // A partition or a delta says so critically; this page reads whole lists only.
    partial: extensions.some((extension) => der.children(extension).length === 3),
  };
}

export function signedBy(item, issuer) {
  if (item.algorithm !== SM2_WITH_SM3) return false;
  try {
    return verifies(rawSignature(item.signature), item.tbs, issuer.key);
  } catch (error) {
    if (error instanceof Malformed) return false;
    throw error;
  }
}

function rawSignature(octets) {
  const numbers = der.children(der.only(octets, der.SEQUENCE)).map((element) => {
    const value = der.content(element);
    const plain = value[0] === 0 ? value.subarray(1) : value;
    if (plain.length > 32) throw new Malformed("an SM2 signature");
    return joined(new Uint8Array(32 - plain.length), plain);
  });
  if (numbers.length !== 2) throw new Malformed("an SM2 signature");
  return joined(...numbers);
}

/**
 * Return {reason, chain, revokedAt, listsEnd}: `reason` is null when the way to a root holds at `at`.
 * With `service`, the leaf must be certified for that, critically, and for nothing else.
 */
export function judge(leaf, region, at, service = null) {
  const chain = wayUp(leaf, region);
  if (!chain) return { reason: "untrusted" };
  const reason = brokenRule(chain, at, service);
  if (reason) return { reason, chain };
  return { chain, ...revocation(chain, region, at) };
}

function wayUp(leaf, region) {
  const chain = [leaf];
  while (chain.length <= MAX_LENGTH) {
    const last = chain[chain.length - 1];
    const isIssuer = (other) => other.subject === last.issuer && signedBy(last, other);
    const anchor = region.anchors.find((root) => same(root.der, last.der)) ?? region.anchors.find(isIssuer);
    if (anchor) return anchor === last || same(anchor.der, last.der) ? chain : [...chain, anchor];
    const next = region.intermediates.find((other) => isIssuer(other) && !chain.includes(other));
    if (!next) return null;
    chain.push(next);
  }
  return null;
}

function brokenRule(chain, at, service) {
  if (chain.some((certificate) => certificate.constrained)) return "untrusted";
  if (chain.slice(0, -1).some((certificate) => certificate.odd)) return "chain_invalid";
  if (chain.some((certificate) => at < certificate.begins)) return "not_yet_valid";
  if (chain.some((certificate) => at > certificate.ends)) return "expired";
  const authorities = chain.slice(1, -1);
  if (authorities.some((entry) => !entry.authority || (entry.usage && !entry.usage.signsCertificates))) return "chain_invalid";
  const tooLong = chain.slice(1).some((entry, below) => entry.pathLength !== null && below > entry.pathLength);
  if (tooLong) return "chain_invalid";
  const [leaf] = chain;
  if (!leaf.usage || !leaf.usage.signs) return "usage";
  if (service) return leaf.alone && leaf.extended[0] === service ? null : "usage";
  const onlyServices = leaf.extended.length > 0 && leaf.extended.every((name) => SERVICES.has(name));
  return onlyServices ? "usage" : null;
}

function revocation(chain, region, at) {
  let revokedAt = null;
  let listsEnd = Infinity;
  let madeAt = Infinity;
  for (const [index, certificate] of chain.slice(0, -1).entries()) {
    const issuer = chain[index + 1];
    const lists = region.lists.filter((list) => list.issuer === certificate.issuer && !list.partial && signedBy(list, issuer));
    if (!lists.length) return { reason: "revocation_unknown" };
    const newest = lists.reduce((a, b) => (b.made > a.made ? b : a));
    listsEnd = Math.min(listsEnd, newest.next ?? -Infinity);
    madeAt = Math.min(madeAt, newest.made);
    const gone = newest.revoked.get(certificate.serial);
    if (gone !== undefined) revokedAt = Math.min(revokedAt ?? Infinity, gone);
  }
  if (revokedAt !== null && revokedAt <= at) return { reason: "revoked" };
  return { reason: null, revokedAt, listsEnd, madeAt };
}
