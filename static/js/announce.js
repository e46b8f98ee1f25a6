// Tell screen readers politely what changed. The server sends HX-Trigger: {"announce": {"value": "…"}},
// a page may send the event itself, and what stands in the toasts at loading is read out once.

const region = document.getElementById("announcer");

function announce(sentence) {
  if (!region || !sentence) return;
  region.textContent = "";
  window.setTimeout(() => { region.textContent = sentence; }, 60);
}

document.addEventListener("announce", (event) => announce(event.detail?.value ?? event.detail));

const waiting = [...document.querySelectorAll("#toasts .toast")].map((toast) => toast.firstChild?.textContent.trim());
if (waiting.length) announce(waiting.join(" "));
