// A form that keeps its own draft while it is typed in: pressing its button waits for a keeping that is
// under way, so that the answer's numbers go along and no second draft is begun on a slow line.

const PATIENCE_MS = 10000;
const waiting = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-keeps-draft][hx-post].htmx-request")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (waiting.has(form)) return;
  waiting.add(form);
  form.setAttribute("aria-busy", "true");
  const began = Date.now();
  const timer = window.setInterval(() => {
    if (form.classList.contains("htmx-request") && Date.now() - began < PATIENCE_MS) return;
    window.clearInterval(timer);
    waiting.delete(form);
    form.removeAttribute("aria-busy");
    form.classList.remove("htmx-request");
    // Keeping may have drawn the button anew; the one that was pressed then belongs to no form.
    const pressed = event.submitter;
    const button = pressed && !pressed.isConnected ? document.getElementById(pressed.id) : pressed;
    if (!pressed) form.requestSubmit();
    else if (button && button.form === form) form.requestSubmit(button);
  }, 50);
}, true);
