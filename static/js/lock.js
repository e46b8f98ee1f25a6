// A screen left alone locks itself: <dialog id="lock" data-after="1800" …>. What was typed stays where
// it is, under the dialog; the alarms go on. The server locks by its own clock as well: this is the
// curtain, that is the door.

const dialog = document.getElementById("lock");

if (dialog) {
  const after = Number(dialog.dataset.after) * 1000;
  const form = dialog.querySelector("form[data-unlock]");
  const says = dialog.querySelector("[data-says]");
  const token = form.elements.csrfmiddlewaretoken.value;
  let used = Date.now();
  let told = Date.now();
  let locked = false;

  const post = (address, body) => fetch(address, {
    method: "POST",
    headers: { "X-CSRFToken": token, "X-Lock": "1" },
    body,
    credentials: "same-origin",
    redirect: "manual",
  });

  const close = () => {
    locked = false;
    document.body.classList.remove("is-locked");
    used = told = Date.now();
    says.textContent = "";
    form.reset();
    dialog.close();
  };

  const open = (byHand) => {
    if (locked) return;
    locked = true;
    document.querySelectorAll("dialog[open]").forEach((other) => other.close());
    document.body.classList.add("is-locked");
    dialog.showModal();
    form.querySelector("input:not([type=hidden])")?.focus();
    if (byHand !== "server") post(dialog.dataset.lock).catch(() => {});
  };

  // Escape closes no lock; a browser that closes it all the same finds it open again.
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => { if (locked) dialog.showModal(); });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    try {
      const answer = await post(event.submitter?.getAttribute("formaction") || form.getAttribute("action"), body);
      if (answer.status === 204) close();
      else if (answer.status === 422 || answer.status === 429) says.textContent = await answer.text();
      else window.location.assign(form.getAttribute("action"));
    } catch {
      says.textContent = "The platform could not be reached. What you had open is still here. Try again.";
    }
  });

  // A key or a movement counts as use. The server is told once a minute, so that long writing counts too.
  const use = () => {
    if (locked) return;
    used = Date.now();
    if (used - told < 60_000) return;
    told = used;
    post(dialog.dataset.active).catch(() => {});
  };
  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"]) document.addEventListener(kind, use, { passive: true });

  // By the clock and not by one long timer: a laptop that slept wakes up locked.
  const look = () => { if (Date.now() - used >= after) open(); };
  window.setInterval(look, 1000);
  document.addEventListener("visibilitychange", look);

  document.addEventListener("screen-locked", () => open("server"));
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-locks]")) return;
    event.preventDefault();
    open();
  });
}
