// The phone's page: counts down, fetches the next code each minute, shows who asks.
const page = document.getElementById("show");
const { address, reference, fresh: freshWords } = page.dataset;
const whole = Number(page.dataset.seconds);
const at = (id) => document.getElementById(id);
const ASK_EVERY = 2000;

let renewAt = performance.now() + whole * 1000;
let asking = false;
let ended = reference === "";

function tick() {
  const clock = new Date().toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
  at("clock").textContent = clock;
  const left = Math.max(0, Math.ceil((renewAt - performance.now()) / 1000));
  at("left").textContent = left;
  at("bar").value = left;
}

function showAsked(asked) {
  const form = at("asked").querySelector("form");
  form.elements.presentation.value = asked.presentation;
  for (const name of ["organisation", "operator", "purpose"]) {
    form.querySelector(`[data-say="${name}"]`).textContent = asked[name];
  }
  at("fields").replaceChildren(...asked.fields.map((field) => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    label.className = "tick";
    Object.assign(box, { type: "checkbox", name: "field", value: field.name, checked: true });
    label.append(box, ` ${field.label}`);
    return label;
  }));
  at("code").hidden = true;
  at("asked").hidden = false;
  at("asked").focus();
}

function take(news) {
  if (news.picture) {
    at("picture").src = news.picture;
    renewAt = performance.now() + news.seconds * 1000;
    at("spoken").textContent = freshWords;
  }
  if (news.state === "shown") return;
  ended = true;
  if (news.asked) showAsked(news.asked);
  else {
    at("code").hidden = true;
    at("gone").hidden = false;
  }
}

async function ask() {
  if (ended || asking) return;
  asking = true;
  const fresh = performance.now() >= renewAt;
  try {
    const answer = await fetch(address, {
      method: "POST",
      body: new URLSearchParams({ reference, fresh }),
    });
    take(await answer.json());
  } catch {
    // No connection: the code shown runs out by itself, and the next try may get through.
  } finally {
    asking = false;
  }
}

if (!ended) {
  at("countdown").hidden = false;
  document.querySelector(".clock").hidden = false;
  tick();
  setInterval(tick, 500);
  setInterval(ask, ASK_EVERY);
}
