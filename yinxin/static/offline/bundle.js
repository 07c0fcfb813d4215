// The trust bundle (verification/bundle.py): read, its signature checked, ready to judge with.
import { Malformed, fromBase64, fromBase64url, utf8 } from "./bytes.js";
import { digest, verifies } from "./sm.js";
import { BUNDLES, judge, readCertificate, readList } from "./x509.js";

const DAY = 24 * 3600;

export function readBundle(text) {
  const outer = object(text);
  if (outer.schema !== "yinxin-bundle/2") throw new Malformed("not a bundle");
  const body = fromBase64(outer.body);
  const members = object(utf8(body));
  if (!Array.isArray(members.regions) || !members.regions.length) throw new Malformed("no regions");
  const regions = members.regions.map(readRegion);
  const madeAt = whole(members.made_at);
  const signer = readCertificate(fromBase64(outer.certificate));
  const root = rootOf(signer, regions[0], madeAt);
  checkSignature(outer.signature, body, signer, madeAt);
  const kindAges = Object.fromEntries(Object.entries(members.kind_ages ?? {}).map(([code, age]) => [code, whole(age)]));
  return {
    regions,
    madeAt,
    maxAge: Math.min(whole(members.max_age), DAY),
    kindAges,
    root: { region: regions[0].code, name: regions[0].name, sm3: digest(root.der) },
    recognised: regions.slice(1).map((region) => `${region.name} ${region.code}`),
  };
}

function object(text) {
  let members;
  try {
    members = JSON.parse(text);
  } catch {
    throw new Malformed("not JSON");
  }
  if (members === null || typeof members !== "object" || Array.isArray(members)) throw new Malformed("not an object");
  return members;
}

function whole(value) {
  if (!Number.isInteger(value) || value < 0) throw new Malformed("a number of seconds");
  return value;
}

function readRegion(files) {
  const decoded = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, fromBase64(text)]));
  const trust = object(utf8(decoded["trust.json"] ?? new Uint8Array()));
  const list = (name) => (trust[name] ?? []).map((text) => readCertificate(fromBase64(text)));
  return {
    code: trust.region,
    name: trust.name_zh,
    anchors: pem(decoded["root.pem"]),
    intermediates: pem(decoded["chain.pem"]),
    lists: Object.keys(decoded).filter((name) => name.endsWith("crl.der")).map((name) => readList(decoded[name])),
    codeSigners: list("code_signers"),
    statusSigners: list("status_signers"),
    authorities: (trust.authorities ?? []).map((entry) => ({
      code: entry.code,
      kindCodes: entry.kind_codes,
      from: Date.parse(entry.valid_from) / 1000,
      until: entry.valid_until ? Date.parse(entry.valid_until) / 1000 : null,
      certificates: entry.certificates,
    })),
    tokens: Object.fromEntries(Object.entries(trust.status_lists ?? {}).map(([uri, name]) => [uri, decoded[name]])),
  };
}

function pem(octets) {
  const blocks = octets ? utf8(octets).matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g) : [];
  return Array.from(blocks, (block) => readCertificate(fromBase64(block[1].replace(/\s+/g, "")))).filter(isSM2);
}

// A root of another algorithm serves PDF for ordinary viewers; no code leads to it.
const isSM2 = (certificate) => certificate.algorithm === "1.2.156.10197.1.501";

// The first region is the maker's, and only who its root certified for bundles may sign them:
// else whoever holds any certificate would name himself (docs/adr/0027).
function rootOf(signer, maker, madeAt) {
  const way = judge(signer, maker, madeAt, BUNDLES);
  if (way.reason !== null || way.revokedAt !== null || way.listsEnd < madeAt) throw new Malformed("nobody who may sign bundles");
  return way.chain[way.chain.length - 1];
}

function checkSignature(token, body, signer, madeAt) {
  const parts = typeof token === "string" ? token.split(".") : [];
  if (parts.length !== 3) throw new Malformed("the bundle is not signed");
  const [header, claims] = parts.slice(0, 2).map((part) => object(utf8(fromBase64url(part))));
  if (header.alg !== "SM2" || header.typ !== "yinxin-bundle+jwt" || "crit" in header) throw new Malformed("the bundle is not signed");
  const message = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
  if (!verifies(fromBase64url(parts[2]), message, signer.key)) throw new Malformed("the signature of the bundle does not hold");
  if (claims.body_sm3 !== digest(body) || claims.iat !== madeAt) throw new Malformed("the signature belongs to another bundle");
}

