// SM2 with SM3 (ID 1234567812345678), by sm-crypto-v2; what it does not check is checked here.
import "./vendor/sm-crypto-v2.js";
import { hex } from "./bytes.js";

const { sm2, sm3 } = globalThis.SmCryptoV2;
const ORDER = BigInt("0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123");

export const digest = (octets) => sm3(octets);

/** Whether `signature` (r‖s, 64 bytes) over `message` is by the key of `point` (65 bytes). */
export function verifies(signature, message, point) {
  if (signature.length !== 64 || point.length !== 65 || point[0] !== 4) return false;
  const r = BigInt(`0x${hex(signature.subarray(0, 32))}`);
  const s = BigInt(`0x${hex(signature.subarray(32))}`);
  if (r < 1n || r >= ORDER || s < 1n || s >= ORDER || (r + s) % ORDER === 0n) return false;
  try {
    return sm2.doVerifySignature(message, hex(signature), hex(point), { hash: true, der: false });
  } catch {
    return false; // a point off the curve
  }
}
