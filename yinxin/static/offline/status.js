// The state of an edition from the status list in the bundle; the order is that of
// verification/checks/status.py. Whatever fails on the way means that nothing can be said.
import { Malformed, Unsupported } from "./bytes.js";
import { decode as decodeCBOR } from "./cbor.js";
import { inflate, seconds, sign1 } from "./code.js";
import { verifies } from "./sm.js";
import { judge } from "./x509.js";

const TYPE = "application/statuslist+cwt";
const MAX_ARRAY = 1024 * 1024;
const SKEW = 30;
const STATES = { 1: "ended", 2: "suspended", 3: "superseded", 12: "disputed", 13: "disputed_stayed" };

export function listedState(slot, region, at) {
  const answer = (findings, state = null, madeAt = null) => ({ findings, state, madeAt, slipMadeAt: null });
  const octets = region.tokens[slot.uri];
  if (!octets) return answer([["status.source_unavailable", "unknown"]]);
  let token;
  try {
    token = readToken(octets);
  } catch (error) {
    if (error instanceof Malformed || error instanceof Unsupported) return answer([["status.token_malformed", "unknown"]]);
    throw error;
  }
  const findings = [...signerFindings(token, region, at), ...timeFindings(token, slot, at)];
  if (findings.some(([, severity]) => severity === "unknown")) return answer(findings, null, token.issuedAt);
  if (slot.index >= token.size) return answer([...findings, ["status.index_out_of_range", "error"]], null, token.issuedAt);
  const state = entry(token, slot.index);
  return answer([...findings, ...stateFindings(state)], state, token.issuedAt);
}

export function stateFindings(state) {
  if (state === 0) return [];
  if (!(state in STATES)) return [["status.value_unknown", "unknown"]];
  return [[`status.${STATES[state]}`, state === 12 ? "warning" : "error"]];
}

function readToken(octets) {
  const message = sign1(octets);
  if (message.typ !== TYPE) throw new Malformed("not a status list");
  const claims = decodeCBOR(message.payload);
  const list = claims instanceof Map ? claims.get(65533) : null;
  if (!(list instanceof Map) || !(list.get("lst") instanceof Uint8Array)) throw new Malformed("no list");
  const bits = list.get("bits");
  if (![1, 2, 4, 8].includes(bits)) throw new Malformed("bits");
  const array = inflate(list.get("lst"), {}, MAX_ARRAY);
  if (!array.length) throw new Malformed("an empty list");
  return {
    message,
    uri: claims.get(2),
    issuedAt: seconds(claims.get(6)),
    ends: claims.has(4) ? seconds(claims.get(4)) : null,
    ttl: claims.get(65534) ?? null,
    bits,
    array,
    size: (array.length * 8) / bits,
  };
}

function entry({ array, bits }, index) {
  const place = index * bits;
  return (array[Math.floor(place / 8)] >> (place % 8)) & ((1 << bits) - 1);
}

export function signerFindings(token, region, at) {
  const named = region.statusSigners.filter((signer) => signer.kid === token.message.kid);
  if (!named.length) return [["status.signer_unknown", "unknown"]];
  const signer = named.find((one) => verifies(token.message.signature, token.message.signed, one.key));
  if (!signer) return [["status.signature_invalid", "unknown"]];
  const way = judge(signer, region, token.issuedAt);
  const doubtful = way.reason !== null || way.revokedAt !== null || way.listsEnd < at;
  return doubtful ? [["status.signer_untrusted", "unknown"]] : [];
}

function timeFindings(token, slot, at) {
  const findings = [];
  if (token.uri !== slot.uri) findings.push(["status.other_list", "unknown"]);
  if (token.issuedAt - at > SKEW) findings.push(["status.other_time", "unknown"]);
  const renewed = token.ttl ? token.issuedAt + token.ttl : null;
  const ends = token.ends ?? renewed;
  if (ends === null || at >= ends) findings.push(["status.stale", "unknown"]);
  else if (renewed !== null && at > renewed) findings.push(["status.aged", "warning"]);
  return findings;
}

