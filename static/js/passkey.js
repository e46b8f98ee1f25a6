// Passkeys. A button with data-passkey ("prove" or "enrol") asks data-options what is wanted, lets the browser
// and the person answer, puts the answer into the hidden field named by data-field and sends the form.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

const SENTENCES = {
  NotAllowedError: "The passkey was not used: it was cancelled, or it took too long. Try again.",
  InvalidStateError: "This device or key holds a passkey of yours for this platform already.",
  NotSupportedError: "This device has no kind of passkey that the platform accepts. Use a security key.",
  SecurityError: "Passkeys do not work at this address. Open the platform by the address that your force gave you.",
};

async function options(button, form) {
  const answer = await fetch(button.dataset.options, {
    method: "POST",
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, "Content-Type": "application/json" },
    body: "{}",
  });
  const said = await answer.json().catch(() => ({}));
  if (said.step_up) window.location.assign(said.step_up);
  if (!answer.ok) throw new Error(said.sentence ?? "The platform did not answer. Reload the page and try again.");
  return said;
}

async function prove(wanted) {
  const publicKey = { ...wanted, challenge: bytes(wanted.challenge), allowCredentials: known(wanted.allowCredentials) };
  const { id, rawId, type, response } = await navigator.credentials.get({ publicKey });
  return {
    id,
    rawId: text(rawId),
    type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}

async function enrol(wanted) {
  const publicKey = {
    ...wanted,
    challenge: bytes(wanted.challenge),
    user: { ...wanted.user, id: bytes(wanted.user.id) },
    excludeCredentials: known(wanted.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    clientExtensionResults: made.getClientExtensionResults(),
    response: {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    },
  };
}

function say(form, sentence) {
  const place = form.querySelector("[data-passkey-says]");
  if (place) place.textContent = sentence;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-passkey]");
  if (!button) return;
  const form = button.form;
  button.disabled = true;
  say(form, "");
  try {
    if (!window.PublicKeyCredential) throw new Error("This browser knows no passkeys. Use another one, or your app.");
    const wanted = await options(button, form);
    const answer = button.dataset.passkey === "enrol" ? await enrol(wanted) : await prove(wanted);
    form.elements[button.dataset.field].value = JSON.stringify(answer);
    HTMLFormElement.prototype.requestSubmit.call(form);
  } catch (error) {
    say(form, SENTENCES[error.name] ?? error.message);
  } finally {
    button.disabled = false;
  }
});
