// How far a batch is, asked every few seconds; when it has come to rest, the page is loaded anew.
const card = document.getElementById("batch");
const bar = document.getElementById("minted");
const ASK_EVERY = 3000;

async function ask() {
  const answer = await fetch(card.dataset.progress, { headers: { Accept: "application/json" } });
  // Signed out, or no service: what stands there is as it was, and the link still works.
  if (!answer.ok || answer.redirected) return;
  const batch = await answer.json();
  for (const place of card.querySelectorAll("[data-member]")) place.textContent = batch[place.dataset.member];
  if (bar) {
    bar.max = Math.max(1, batch.ready + batch.minted + batch.failed);
    bar.value = batch.minted + batch.failed;
  }
  if (batch.moving) setTimeout(ask, ASK_EVERY);
  else location.replace(location.pathname);
}

setTimeout(() => ask().catch(() => {}), ASK_EVERY);
