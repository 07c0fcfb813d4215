// The one question, asked of a code without a connection: may this licence be relied on at `at`.
// The rules and their order are those of verification/code.py; `at` is in seconds since 1970.
import { Malformed, Unsupported } from "./bytes.js";
import { readCode } from "./code.js";
import { readIdentifier } from "./identifier.js";
import { verifies } from "./sm.js";
import { parted, presentState } from "./slip.js";
import { judge } from "./x509.js";

const SKEW = 30;
const DAY = 24 * 3600;
const BEIJING = 8 * 3600;
const UNSAID = new Set(["untrusted", "revocation_unknown", "revocation_stale"]);

export function verify(text, bundle, dictionaries, at) {
  const findings = [];
  const report = { findings, licence: null, statusMadeAt: null, slipMadeAt: null };
  const [code, slip] = parted(text);
  const credential = decoded(code.replace(/[\r\n]+$/, ""), dictionaries, findings);
  if (credential) examine(credential, slip, bundle, at, report);
  findings.push(...ageFindings(bundle, report, at));
  return { ...report, verdict: verdictOf(findings) };
}

export function verdictOf(findings) {
  const severities = findings.map(([, severity]) => severity);
  if (severities.includes("error")) return "invalid";
  return severities.includes("unknown") ? "cannot_say" : "valid";
}

function decoded(text, dictionaries, findings) {
  try {
    return readCode(text, dictionaries);
  } catch (error) {
    if (error instanceof Unsupported) findings.push(["code.version_unknown", "unknown"]);
    else if (error instanceof Malformed) findings.push(["code.malformed", "error"]);
    else throw error;
    return null;
  }
}

function examine({ message, claims }, slip, bundle, at, report) {
  const listed = bundle.regions.flatMap((region) => (
    region.codeSigners.filter((signer) => signer.kid === message.kid).map((signer) => ({ region, signer }))
  ));
  const found = listed.find(({ signer }) => verifies(message.signature, message.signed, signer.key));
  if (!found) {
    report.findings.push(listed.length ? ["code.signature_invalid", "error"] : ["code.signer_unknown", "unknown"]);
    return;
  }
  report.licence = claims;
  const told = presentState(claims.status, slip, found.region, at);
  report.statusMadeAt = told.madeAt;
  report.slipMadeAt = told.slipMadeAt;
  report.findings.push(
    ...chainFindings(found, Math.min(claims.issuedAt, at), at),
    ...authorityFindings(claims, found.region, Math.min(claims.issuedAt, at)),
    ...dateFindings(claims, at),
    ...told.findings,
    ...identifierFindings(claims),
  );
}

function chainFindings({ region, signer }, signedAt, at) {
  const way = judge(signer, region, signedAt);
  const finding = (cause) => [`code.certificate.${cause}`, UNSAID.has(cause) ? "unknown" : "error"];
  if (way.reason) return [finding(way.reason)];
  const findings = [];
  if (way.revokedAt !== null && way.revokedAt <= at) findings.push(finding("revoked_unproven"));
  if (way.listsEnd < at) findings.push(finding("revocation_stale"));
  return findings;
}

function authorityFindings(claims, region, signedAt) {
  if (!region.authorities.length) return [["authority.list_missing", "unknown"]];
  if (claims.region !== region.code) return [["authority.region_mismatch", "error"]];
  const authority = region.authorities.find((entry) => entry.code === claims.issuerCode);
  if (!authority) return [["authority.issuer_not_listed", "error"]];
  const findings = [];
  if (![region.code.slice(0, 2), "10"].includes(claims.issuerCode.slice(2, 4))) findings.push(["authority.outside_region", "unknown"]);
  if (!authority.kindCodes.includes(claims.kindCode)) findings.push(["authority.kind_not_allowed", "error"]);
  const holds = authority.from <= signedAt && (authority.until === null || signedAt < authority.until);
  if (!holds) findings.push(["authority.not_at_that_time", "error"]);
  return findings;
}

function dateFindings(claims, at) {
  const findings = [];
  if (claims.issuedAt - at > SKEW) findings.push(["licence.not_yet_issued", "error"]);
  const begins = claims.validFrom * DAY - BEIJING;
  const ends = claims.ends === null ? null : lastDayEnds(claims.ends);
  if (ends !== null && ends <= begins) findings.push(["licence.dates_malformed", "error"]);
  if (at < begins) findings.push(["licence.not_yet_valid", "error"]);
  if (ends !== null && at >= ends) findings.push(["licence.expired", "error"]);
  return findings;
}

// The claim is a second; the licence runs to the end of the Beijing day before it.
const lastDayEnds = (second) => (Math.floor((second - 1 + BEIJING) / DAY) + 1) * DAY - BEIJING;

function identifierFindings(claims) {
  const named = readIdentifier(claims.identifier);
  if (!named) return [["content.identifier_differs", "error"]];
  const agrees = named.kindCode === claims.kindCode && named.issuerCode === claims.issuerCode && named.edition === claims.edition;
  const findings = agrees ? [] : [["content.identifier_differs", "error"]];
  if (named.legacy) findings.push(["identifier.legacy_check", "warning"]);
  return findings;
}

// Where a slip told the state, the kind's shorter age is asked of the slip.
function ageFindings(bundle, { licence, slipMadeAt }, at) {
  const ofKind = Math.min(bundle.maxAge, (licence && bundle.kindAges[licence.kindCode]) ?? bundle.maxAge);
  if (slipMadeAt !== null && at - slipMadeAt > ofKind) return [["slip.stale", "unknown"]];
  const limit = slipMadeAt === null ? ofKind : bundle.maxAge;
  if (bundle.madeAt - at > SKEW) return [["bundle.from_future", "unknown"]];
  return at - bundle.madeAt > limit ? [["bundle.stale", "unknown"]] : [];
}
