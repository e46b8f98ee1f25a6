// An open conversation says that somebody is at it: their lease of the comment goes on, and colleagues see them.
// Only while the page is in front and somebody uses it. Without this a lease simply lasts its length.

const EVERY_MS = 15_000;
const IN_USE_MS = 5 * 60_000;
let used = Date.now();
let typed = 0;

for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"]) {
  document.addEventListener(kind, () => { used = Date.now(); }, { passive: true });
}
document.addEventListener("input", (event) => {
  if (event.target.id === "reply-text") typed = Date.now();
});

function beat() {
  const place = document.querySelector("[data-beats]");
  if (!place || document.visibilityState !== "visible" || Date.now() - used > IN_USE_MS) return;
  document.getElementById("here-writing").value = Date.now() - typed < EVERY_MS ? "1" : "";
  place.dispatchEvent(new Event("beat"));
}

window.setInterval(beat, EVERY_MS);
document.addEventListener("visibilitychange", beat);
