// Never lose words: leaving a page with something typed and not sent asks first.
// A form that keeps its own draft on the server says so with data-keeps-draft and is left alone.

const sent = new WeakSet();

function changed(form) {
  if (sent.has(form) || form.hasAttribute("data-keeps-draft") || form.method !== "post") return false;
  return [...form.querySelectorAll("textarea")].some((box) => box.value.trim() && box.value !== box.defaultValue);
}

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) sent.add(event.target);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (form && event.detail.successful) sent.add(form);
});
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form");
  if (form) sent.delete(form);
});

window.addEventListener("beforeunload", (event) => {
  if ([...document.forms].some(changed)) event.preventDefault();
});
