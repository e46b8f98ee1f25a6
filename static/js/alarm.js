// Pages ("act now") sound until somebody has seen them, also while the screen is locked.
// <meta name="alarm" content="/notices/alarm/">.

const address = document.querySelector("meta[name=alarm]")?.content;
const EVERY = 10_000;
const AGAIN = 30_000;

if (address) {
  let context = null;
  let sounded = 0;
  let newest = 0;
  let sounding = !navigator.locks;

  const beep = async () => {
    context ??= new AudioContext();
    if (context.state !== "running") await context.resume();
    const at = context.currentTime;
    [880, 660, 880].forEach((pitch, step) => {
      const tone = context.createOscillator();
      const level = context.createGain();
      tone.frequency.value = pitch;
      level.gain.setValueAtTime(0.0001, at + step * 0.25);
      level.gain.exponentialRampToValueAtTime(0.25, at + step * 0.25 + 0.02);
      level.gain.exponentialRampToValueAtTime(0.0001, at + step * 0.25 + 0.22);
      tone.connect(level).connect(context.destination);
      tone.start(at + step * 0.25);
      tone.stop(at + step * 0.25 + 0.24);
    });
  };

  const show = (count) => {
    for (const place of document.querySelectorAll("[data-alarm]")) {
      place.hidden = count === 0;
      const words = place.querySelector("[data-alarm-says]");
      const sentence = count === 1 ? "One alarm waits for you." : `${count} alarms wait for you.`;
      if (count && words.textContent !== sentence) words.textContent = sentence;
    }
  };

  const look = async () => {
    let waiting;
    try {
      const answer = await fetch(address, { headers: { "X-Background": "1", Accept: "application/json" }, redirect: "error" });
      if (!answer.ok) return;
      waiting = await answer.json();
    } catch {
      return;
    }
    show(waiting.pages);
    const fresh = waiting.newest > newest;
    newest = Math.max(newest, waiting.newest);
    if (!waiting.pages) return;
    if (sounding && (fresh || Date.now() - sounded >= AGAIN)) {
      sounded = Date.now();
      // A browser that nobody has touched yet makes no sound; the words are there.
      beep().catch(() => {});
    }
  };

  // One tab of a browser sounds, while all of them show the words.
  navigator.locks?.request("smmp-alarm", () => {
    sounding = true;
    return new Promise(() => {});
  });
  // Somebody wants to know that they would hear it, before they need to. The press also lets the browser sound from then on.
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-alarm-try]")) beep().catch(() => {});
  });
  look();
  window.setInterval(look, EVERY);
}
