// Never lose words: leaving a page with something typed and not sent asks first, and so does opening another
// conversation in its place. And never do twice what was pressed twice on a slow line: a form that leads to another
// page is sent once until that page is there.
// A form that keeps its own draft on the server says so with data-keeps-draft and is left alone.

const sent = new WeakSet();

function changed(form, boxes = "textarea") {
  if (sent.has(form) || form.hasAttribute("data-keeps-draft") || form.method !== "post") return false;
  return [...form.querySelectorAll(boxes)].some((box) => box.value.trim() && box.value !== box.defaultValue);
}

const PATIENCE_MS = 5000;
const going = new Map();

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (form.method === "post" && Date.now() - (going.get(form) ?? 0) < PATIENCE_MS) {
    event.preventDefault();
    return;
  }
  going.set(form, Date.now());
  sent.add(form);
});
// Back in the browser's history brings the page as it was left.
window.addEventListener("pageshow", () => going.clear());
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (form && event.detail.successful) sent.add(form);
});
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form");
  if (form) sent.delete(form);
});

window.addEventListener("beforeunload", (event) => {
  if ([...document.forms].some((form) => changed(form))) event.preventDefault();
});

document.addEventListener("htmx:confirm", (event) => {
  const { target, verb, issueRequest } = event.detail;
  if (verb !== "get" || !target) return;
  const boxes = "textarea, .sheet input:not([type])";
  if (![...target.querySelectorAll("form")].some((form) => changed(form, boxes))) return;
  event.preventDefault();
  if (window.confirm("Something that you typed here was not sent and will be gone. Go on?")) issueRequest(true);
});
