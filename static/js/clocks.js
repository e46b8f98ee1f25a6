// Clocks that run: <time datetime="…" data-until> counts down, <time datetime="…" data-since> counts up.
// The words are those of the server (core/templatetags/show.py), so a reload changes nothing.
// data-until="fine" shows minutes and seconds, as on an immediate case.

function duration(seconds) {
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))}`;
  return `${Math.floor(whole / 86400)} d`;
}

function fine(seconds) {
  return seconds < 3600 ? `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}` : duration(seconds);
}

// The browser's clock may be wrong: measure against the instant at which the server made the page.
const served = Date.parse(document.querySelector("meta[name=served-at]")?.content ?? "");
const drift = Number.isNaN(served) ? 0 : served - Date.now();

function tick() {
  const now = Date.now() + drift;
  for (const clock of document.querySelectorAll("time[data-until], time[data-since]")) {
    const at = Date.parse(clock.dateTime);
    if (Number.isNaN(at)) continue;
    let words;
    if (clock.hasAttribute("data-since")) {
      words = duration(Math.max(0, now - at) / 1000);
    } else {
      const left = (at - now) / 1000;
      const show = clock.dataset.until === "fine" ? fine : duration;
      words = left < 0 ? `${show(-left)} late` : show(left);
    }
    if (clock.textContent !== words) clock.textContent = words;
    // What follows "left" has no place on a clock that has run out.
    if (clock.hasAttribute("data-until")) clock.closest(".clock, .c-left")?.classList.toggle("over", at < now);
  }
}

tick();
window.setInterval(tick, 1000);
