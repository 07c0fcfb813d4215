// The page: takes a bundle file, then codes as text or photo; nothing leaves the device.
import dictionaries from "./dictionaries.js";
import sentences from "./sentences.js";
import { Malformed } from "./bytes.js";
import { readBundle } from "./bundle.js";
import { PREFIX as SLIP } from "./slip.js";
import { verify } from "./verify.js";

const at = (id) => document.getElementById(id);
const say = at("offline").dataset;
const KEPT = "yinxin-bundle";
const MARKS = { valid: "✓", invalid: "✕", cannot_say: "?" };
const MAX_PIXELS = 1600;
const CODES = ["CL1:", SLIP];
let bundle = null;

const now = () => Math.floor(Date.now() / 1000);
const clock = (seconds) => new Date(seconds * 1000).toLocaleString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });

function row(list, term, value) {
  const dt = document.createElement("dt");
  const dd = document.createElement("dd");
  dt.textContent = term;
  dd.textContent = value;
  list.append(dt, dd);
}

function trouble(text) {
  at("problem").textContent = text;
  at("problem").hidden = !text;
}

function showBundle() {
  const minutes = Math.max(0, Math.floor((now() - bundle.madeAt) / 60));
  const old = now() - bundle.madeAt > bundle.maxAge;
  const list = at("bundle-facts");
  list.replaceChildren();
  row(list, say.made, `${clock(bundle.madeAt)}（${minutes < 120 ? `${minutes} ${say.minutes}` : `${Math.floor(minutes / 60)} ${say.hours}`}）`);
  row(list, `${bundle.root.name} ${bundle.root.region} ${say.root}`, bundle.root.sm3);
  if (bundle.recognised.length) row(list, say.recognised, bundle.recognised.join("、"));
  at("bundle-state").textContent = old ? `✕ ${say.old}` : `✓ ${say.fresh}`;
  at("bundle").hidden = false;
  at("check").hidden = false;
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // storage is off: the bundle lasts as long as the page
  }
}

function take(text, { confirmed = false } = {}) {
  const taken = readBundle(text);
  if (bundle && bundle.root.sm3 !== taken.root.sm3 && !confirmed) {
    at("other-root").hidden = false;
    at("accept").onclick = () => take(text, { confirmed: true });
    at("accept").focus();
    return;
  }
  at("other-root").hidden = true;
  bundle = taken;
  try {
    localStorage.setItem(KEPT, text);
  } catch {
    // As above.
  }
  showBundle();
}

function attempt(act, words) {
  return act().catch((error) => trouble(error instanceof Malformed ? `${words}（${error.message}）` : words));
}

function showReport(report) {
  at("verdict").className = `verdict ${report.verdict}`;
  at("verdict").querySelector(".mark").textContent = MARKS[report.verdict];
  at("verdict-zh").textContent = sentences.verdicts[report.verdict].zh;
  at("verdict-en").textContent = sentences.verdicts[report.verdict].en;
  at("findings").replaceChildren(...report.findings.map(([code, severity]) => {
    const entry = document.createElement("li");
    const english = document.createElement("span");
    const name = document.createElement("code");
    entry.className = severity;
    entry.textContent = sentences.findings[code]?.zh ?? code;
    Object.assign(english, { className: "en", lang: "en", textContent: sentences.findings[code]?.en ?? "" });
    name.textContent = code;
    entry.append(english, name);
    return entry;
  }));
  const facts = at("facts");
  facts.replaceChildren();
  const licence = report.licence;
  if (licence) {
    const day = (count) => new Date(count * 86400000).toISOString().slice(0, 10);
    row(facts, say.kind, licence.kindName);
    row(facts, say.number, licence.number);
    row(facts, say.holders, licence.holders.join("、"));
    row(facts, say.issuer, licence.issuerName);
    row(facts, say.until, licence.ends === null ? say.long : clock(licence.ends - 1).split(" ")[0]);
    row(facts, say.from, day(licence.validFrom));
  }
  if (report.slipMadeAt) row(facts, say.slip, clock(report.slipMadeAt));
  if (report.statusMadeAt) row(facts, say.status, clock(report.statusMadeAt));
  row(facts, say.made, clock(bundle.madeAt));
  at("report").hidden = false;
  at("report").focus();
}

function codeIn(picture, width, height) {
  const scale = Math.min(1, MAX_PIXELS / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  drawing.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const pixels = drawing.getImageData(0, 0, canvas.width, canvas.height);
  return globalThis.jsQR(pixels.data, canvas.width, canvas.height)?.data ?? null;
}

function judge(text) {
  // A slip goes below the code that was read before it.
  at("text").value = text.startsWith(SLIP) ? `${at("text").value.split("\n")[0]}\n${text}` : text;
  showReport(verify(at("text").value, bundle, dictionaries, now()));
}

// The camera: its pictures are looked at here, a few a second, and kept nowhere.
const LOOK_EVERY = 250;
let stream = null;

function closeCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  at("viewfinder").srcObject = null;
  at("camera-view").hidden = true;
  at("camera").hidden = false;
}

function look() {
  const view = at("viewfinder");
  if (!stream) return;
  const text = view.videoWidth ? codeIn(view, view.videoWidth, view.videoHeight) : null;
  if (!text || !CODES.some((prefix) => text.startsWith(prefix))) {
    setTimeout(look, LOOK_EVERY);
    return;
  }
  closeCamera();
  judge(text);
}

async function openCamera() {
  await import("./vendor/jsqr.js");
  const video = { facingMode: "environment", width: { ideal: 1280 } };
  stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
  at("viewfinder").srcObject = stream;
  at("camera-view").hidden = false;
  at("camera").hidden = true;
  await at("viewfinder").play();
  look();
}

at("bundle-file").addEventListener("change", (event) => {
  trouble("");
  const [file] = event.target.files;
  if (file) attempt(async () => take(await file.text()), say.badBundle);
});

at("photo").addEventListener("change", (event) => {
  trouble("");
  const [file] = event.target.files;
  if (!file) return;
  attempt(async () => {
    await import("./vendor/jsqr.js");
    const picture = await createImageBitmap(file);
    const text = codeIn(picture, picture.width, picture.height);
    return text ? judge(text) : trouble(say.noCode);
  }, say.noCode);
});

// Browsers give the camera to secure pages only, and not all devices have one.
at("camera").hidden = !navigator.mediaDevices?.getUserMedia;
at("camera").addEventListener("click", () => {
  trouble("");
  attempt(openCamera, say.noCamera).finally(() => { if (!at("viewfinder").srcObject) closeCamera(); });
});
at("camera-stop").addEventListener("click", closeCamera);
globalThis.addEventListener("pagehide", closeCamera);

at("check").addEventListener("submit", (event) => {
  event.preventDefault();
  trouble("");
  showReport(verify(at("text").value, bundle, dictionaries, now()));
});

const before = kept();
if (before) attempt(async () => take(before), say.badBundle);
navigator.serviceWorker?.register("./sw.js", { scope: "./" }).then(() => navigator.serviceWorker.ready)
  .then(() => { at("ready").hidden = false; })
  .catch(() => {}); // without it the page still works, but must be loaded from the service
