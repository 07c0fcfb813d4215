// The relying party's console: sign in, scan, wait for the holder, show what was agreed to.
// The access token lives in this page only and is gone when it is closed.
const at = (id) => document.getElementById(id);
const say = at("counter").dataset;
const MARKS = { valid: "✓", invalid: "✕", cannot_say: "?" };
const ASK_EVERY = 1500;
let token = "";

function trouble(text) {
  at("problem").textContent = text;
  at("problem").hidden = !text;
}

async function call(path, body, type) {
  const headers = { "Content-Type": type };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, { method: "POST", headers, body });
  const members = await answer.json();
  if (answer.ok) return members;
  const fields = members.detail?.fields ? ` ${say.available}${members.detail.fields.join(", ")}` : "";
  throw new Error(`${members.title ?? ""} ${members.title_en ?? ""}${fields}`);
}

const post = (path, members) => call(path, JSON.stringify(members), "application/json");

function state(text) {
  at("state").textContent = text;
  at("state").hidden = !text;
}

function showResult(shown) {
  at("verdict").className = `verdict ${shown.verdict}`;
  at("verdict").querySelector(".mark").textContent = MARKS[shown.verdict];
  at("result-title").textContent = `${shown.kind_name}：${shown.zh}`;
  at("result-text").textContent = `${shown.en} ${shown.issuer_name}`;
  at("values").replaceChildren(...Object.values(shown.fields).flatMap((field) => {
    const term = document.createElement("dt");
    const value = document.createElement("dd");
    term.textContent = field.label;
    value.textContent = field.text;
    return [term, value];
  }));
  at("result").hidden = false;
  at("result").focus();
}

async function wait(transaction) {
  const now = await post("/v1/presentations:state", { transaction });
  if (now.state === "scanned") return setTimeout(() => attempt(() => wait(transaction)), ASK_EVERY);
  if (now.state === "agreed") {
    showResult(await post("/v1/presentations:read", { transaction }));
    return state("");
  }
  return state(say[now.state] ?? say.expired);
}

async function attempt(act) {
  try {
    trouble("");
    await act();
  } catch (error) {
    state("");
    trouble(error instanceof TypeError ? say.failed : error.message);
  }
}

at("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const form = new URLSearchParams(new FormData(at("sign-in")));
    form.set("grant_type", "client_credentials");
    token = (await call("/oauth/token", form, "application/x-www-form-urlencoded")).access_token;
    at("operator").value = at("account").value;
    at("sign-in").reset();
    at("sign-in").hidden = true;
    at("scan").hidden = false;
    at("scanned").focus();
  });
});

at("scan").addEventListener("submit", (event) => {
  event.preventDefault();
  at("result").hidden = true;
  attempt(async () => {
    const form = new FormData(at("scan"));
    const names = form.get("fields").split(/[,，、\s]+/).filter(Boolean);
    const asked = Object.fromEntries(form);
    const begun = await post("/v1/presentations/scan", { ...asked, code: asked.code.trim(), fields: names });
    at("scanned").value = "";
    state(`${begun.kind_name}：${say.waiting}`);
    await wait(begun.transaction);
  });
});
