"""Every main page as pictures in a folder, to be looked at: `make look` while the platform runs.

390, 1024 and 1920 px, light and dark; text at 200%, without JavaScript, and as printed. Says which
pages are too wide, answer with an error, or break the browser policy; exits 1 when any does.
"""

from __future__ import annotations

import argparse
import html
import os
from pathlib import Path

from browsing import SIGHTS, People, Sight, chromium, open_sight, running_at, say

SIZES = {390: 844, 1024: 768, 1920: 1080}
EXPECTED = {"nothing-there": 404}


def variants() -> list[tuple[str, dict[str, object]]]:
    """Name of each variant, and how its browser is set."""
    found: list[tuple[str, dict[str, object]]] = []
    for width, height in SIZES.items():
        for scheme in ("light", "dark"):
            found.append(
                (
                    f"{width}-{scheme}",
                    {"viewport": {"width": width, "height": height}, "color_scheme": scheme},
                )
            )
    wide = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
    return [
        *found,
        ("text-200", wide),
        ("no-script", {**wide, "java_script_enabled": False}),
        ("print", wide),
    ]


def look(people: People, sight: Sight, variant: str, how: dict[str, object], out: Path) -> list[str]:
    """One picture; what was wrong with the page while it was taken."""
    wrong: list[str] = []
    context = people.context(sight.persona, **how)
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
    page.on(
        "console",
        lambda message: (
            wrong.append(message.text[:200]) if "Content Security Policy" in message.text else None
        ),
    )
    status = open_sight(page, sight)
    if not status:
        context.close()
        return []
    if status != EXPECTED.get(sight.name, 200):
        wrong.append(f"answered {status}")
    if variant == "text-200":
        page.evaluate("document.documentElement.style.fontSize = '200%'")
    if variant == "print":
        page.emulate_media(media="print")
    page.screenshot(path=out / f"{sight.name}--{variant}.png", full_page=variant in ("print", "text-200"))
    if variant not in ("print", "no-script"):
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wrong.append(f"{over} px too wide")
    context.close()
    return [f"{sight.name}, {variant}: {what}" for what in wrong]


def index(out: Path, sights: list[Sight], names: list[str]) -> None:
    """A page with every picture, one row per page."""
    rows = []
    for sight in sights:
        cells = [
            f'<a href="{name}"><img loading="lazy" height="240" src="{name}" alt="{html.escape(sight.name)} {v}"></a>'
            for v in names
            if (out / (name := f"{sight.name}--{v}.png")).exists()
        ]
        rows.append(f"<h2>{html.escape(sight.name)}</h2><p>{' '.join(cells) or 'Nothing to show yet.'}</p>")
    (out / "index.html").write_text(
        "<!doctype html><html lang=en-GB><meta charset=utf-8><title>Look</title><h1>Every page</h1>"
        + "".join(rows)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default=f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
    parser.add_argument("--out", type=Path, default=Path("var/look"))
    parser.add_argument("--page", action="append", help="only pages whose name holds this word")
    parser.add_argument("--variant", action="append", help="only these variants, such as 390-dark")
    chosen = parser.parse_args()
    address = running_at(chosen.address.rstrip("/"))
    chosen.out.mkdir(parents=True, exist_ok=True)
    sights = [s for s in SIGHTS if not chosen.page or any(word in s.name for word in chosen.page)]
    views = [(n, h) for n, h in variants() if not chosen.variant or n in chosen.variant]
    wrong: list[str] = []
    with chromium() as browser:
        people = People(browser, address)
        for sight in sights:
            for name, how in views:
                wrong += look(people, sight, name, how, chosen.out)
            say(sight.name)
    index(chosen.out, sights, [name for name, _ in views])
    for line in wrong:
        say(f"! {line}")
    say(f"{len(sights)} pages, {len(wrong)} faults: {chosen.out / 'index.html'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
