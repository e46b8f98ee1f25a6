// htmx swaps: keep the person's place. The focus returns to the same control after a swap,
// and a failed request says so beside the page instead of doing nothing.

const notice = () => document.getElementById("notice");
let held = null;

function path(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  for (const name of ["data-keep", "href", "name", "data-key"]) {
    const value = element.getAttribute(name);
    if (value) return `${element.localName}[${name}="${CSS.escape(value)}"]`;
  }
  return null;
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const active = document.activeElement;
  held = active && event.detail.target?.contains(active) ? path(active) : null;
});

document.addEventListener("htmx:afterSettle", (event) => {
  const wanted = event.detail.elt?.querySelector?.("[data-focus]");
  if (wanted) {
    wanted.focus();
  } else if (held && (!document.activeElement || document.activeElement === document.body)) {
    (document.querySelector(held) ?? document.getElementById("main"))?.focus({ preventScroll: true });
  }
  held = null;
});

function say(sentence) {
  const place = notice();
  if (!place) return;
  const box = document.createElement("div");
  box.className = "refusal";
  const words = document.createElement("p");
  words.textContent = sentence;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button quiet slim end";
  close.dataset.dismiss = "";
  close.textContent = "Close";
  box.append(words, close);
  place.replaceChildren(box);
}

function quiet(event) {
  // A list that refreshes itself says nothing when one refresh fails: the next one follows.
  return event.detail.elt?.hasAttribute("data-quiet");
}

document.addEventListener("htmx:sendError", (event) => {
  if (!quiet(event)) say("The platform could not be reached, so nothing was sent. Your words are still here. Try again.");
});

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr?.status;
  if (status === 401 || status === 403) {
    say("You are signed out, or this is not open to you any more. Copy your words, reload the page and sign in again.");
  } else if (!quiet(event)) {
    say("That did not work, and nothing was half done. Your words are still here. Try again.");
  }
});

// A refusal lands in #notice: bring it into view, and clear the last one when something succeeds.
document.addEventListener("htmx:afterSwap", (event) => {
  const place = notice();
  if (!place) return;
  if (event.detail.target === place) place.scrollIntoView({ block: "nearest" });
  else if (!quiet(event) && event.detail.requestConfig?.verb !== "get") place.replaceChildren();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (!button) return;
  button.closest(".refusal, .toast, .banner")?.remove();
});
