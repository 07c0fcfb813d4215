// The status slip shown beside a code; the rules and their order are those of
// verification/checks/status_slip.py: a newer list decides, a slip that does not hold never helps.
import { Malformed, Unsupported } from "./bytes.js";
import { decode as decodeCBOR } from "./cbor.js";
import { base45, seconds, sign1 } from "./code.js";
import { listedState, signerFindings, stateFindings } from "./status.js";

export const PREFIX = "CS1:";
const TYPE = "application/yinxin-statusslip+cwt";
const MAX_CHARACTERS = 2048;
const MAX_LIFE = 24 * 3600;
const SKEW = 30;

export function parted(text) {
  const end = text.indexOf("\n");
  if (end < 0 || !text.startsWith("CL") || !text.startsWith(PREFIX, end + 1)) return [text, null];
  return [text.slice(0, end).replace(/\r+$/, ""), text.slice(end + 1).replace(/[\r\n]+$/, "")];
}

export function presentState(slot, text, region, at) {
  const listed = listedState(slot, region, at);
  const refused = listed.findings.some(([, severity]) => severity === "error");
  if (text === null || (refused && listed.state === null)) return listed;
  const { slip, fault } = shownSlip(text, slot, region, at);
  if (fault && listed.state === null) return { ...listed, findings: [...listed.findings, fault] };
  if (fault) return { ...listed, findings: [...listed.findings, ["slip.not_counted", "warning"]] };
  if (listed.state !== null && listed.madeAt >= slip.issuedAt) return listed;
  return { findings: stateFindings(slip.state), state: slip.state, madeAt: null, slipMadeAt: slip.issuedAt };
}

function shownSlip(text, slot, region, at) {
  let slip;
  try {
    slip = readSlip(text);
  } catch (error) {
    if (error instanceof Malformed || error instanceof Unsupported) return { fault: ["slip.malformed", "unknown"] };
    throw error;
  }
  return { slip, fault: firstFault(slip, slot, region, at) };
}

function firstFault(slip, slot, region, at) {
  if (slip.uri !== slot.uri || slip.index !== slot.index) return ["slip.other_licence", "unknown"];
  const [unsigned] = signerFindings(slip, region, at);
  if (unsigned) return unsigned;
  if (at >= slip.ends) return ["slip.stale", "unknown"];
  return slip.issuedAt - at > SKEW ? ["slip.from_future", "unknown"] : null;
}

function readSlip(text) {
  if (text.length > MAX_CHARACTERS || !text.startsWith(PREFIX)) throw new Malformed("not a slip");
  const message = sign1(base45(text.slice(PREFIX.length)));
  if (message.typ !== TYPE) throw new Malformed("not typed as a slip");
  const claims = decodeCBOR(message.payload);
  const parts = claims instanceof Map ? claims.get(-65542) : null;
  if (!Array.isArray(parts) || parts.length !== 2) throw new Malformed("a slot and its state");
  const [index, state] = parts;
  if (!Number.isInteger(index) || index < 0 || index > 2 ** 23) throw new Malformed("a slot");
  if (!Number.isInteger(state) || state < 0 || state > 255) throw new Malformed("a state");
  const uri = claims.get(2);
  if (typeof uri !== "string" || !uri || [...uri].length > 512) throw new Malformed("an address");
  const [issuedAt, ends] = [seconds(claims.get(6)), seconds(claims.get(4))];
  if (ends <= issuedAt || ends - issuedAt > MAX_LIFE) throw new Malformed("24 hours at most");
  return { message, uri, index, state, issuedAt, ends };
}
