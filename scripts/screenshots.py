"""The pictures of the README, at modest size: `make screenshots` while the platform runs."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from browsing import SIGHTS, People, chromium, open_sight, running_at, say
from PIL import Image

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PICTURES = {
    "sign-in": ("cast", WIDE, "light"),
    "now": ("now-supervisor", WIDE, "light"),
    "desk": ("conversation", {"width": 1920, "height": 1080}, "dark"),
    "case-on-a-phone": ("case", PHONE, "light"),
    "compose": ("edit", WIDE, "light"),
    "audit": ("audit", WIDE, "light"),
}
WIDEST = 1200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default=f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"))
    chosen = parser.parse_args()
    address = running_at(chosen.address.rstrip("/"))
    chosen.out.mkdir(parents=True, exist_ok=True)
    sights = {sight.name: sight for sight in SIGHTS}
    with chromium() as browser:
        people = People(browser, address)
        for picture, (name, size, scheme) in PICTURES.items():
            sight = sights[name]
            context = people.context(sight.persona, viewport=size, color_scheme=scheme)
            page = context.new_page()
            if not open_sight(page, sight):
                say(f"! {picture}: nothing to show yet. Play an exercise first.")
                context.close()
                continue
            path = chosen.out / f"{picture}.png"
            page.screenshot(path=path)
            context.close()
            shrink(path)
            say(f"{path} {path.stat().st_size // 1024} kB")
    return 0


def shrink(path: Path) -> None:
    """At most 1,200 px wide and 128 colours: enough to see, little to keep."""
    with Image.open(path) as picture:
        small = picture.convert("RGB")
        if small.width > WIDEST:
            small = small.resize((WIDEST, small.height * WIDEST // small.width), Image.Resampling.LANCZOS)
        small.quantize(128).save(path, optimize=True)


if __name__ == "__main__":
    raise SystemExit(main())
