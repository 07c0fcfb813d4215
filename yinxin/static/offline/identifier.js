// Licence identifiers (GB/T 36904) and their check character, MOD 37,36, with one vendor's
// older rule, which is worth a warning only.

const FORM = /^1\.2\.156\.3005\.2\.([0-9A-Z]{6,21})\.([0-9A-Z]{6,18})\.([0-9A-Z_]{1,32})\.(\d{3})\.([0-9A-Z])$/;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** Return {kindCode, issuerCode, edition, legacy}, or null when it is no identifier. */
export function readIdentifier(text) {
  const found = FORM.exec(text);
  if (!found || found[4] === "000") return null;
  const checked = found.slice(1, 5).join("");
  const parts = { kindCode: found[1], issuerCode: found[2], edition: Number(found[4]) };
  if (found[5] === ALPHABET[(37 - fold(checked, strictSum)) % 36]) return { ...parts, legacy: false };
  if (found[5] === ALPHABET[(36 - fold(checked, legacySum)) % 36]) return { ...parts, legacy: true };
  return null;
}

const strictSum = (p, value) => (p + value) % 36;

function legacySum(p, value) {
  const total = p + value + (value >= 10 ? 1 : 0);
  return value >= 10 && total > 37 ? total % 37 : total % 36;
}

function fold(text, add) {
  let p = 36;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value >= 0) p = (2 * (add(p, value) || 36)) % 37;
  }
  return p;
}
