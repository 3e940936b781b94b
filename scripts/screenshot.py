"""Take the pictures of the README and the documents from the demo town: ``python scripts/screenshot.py``.

Needs Chromium and the packages of the extra ``dev``. The town is made up, so the pictures show no real place.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from assetmap import serve

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
VIEWS = (
    ("what-is-here", "/", 1366, 768),
    ("where-to-start", "/where-to-start", 1366, 768),
    ("an-area", "/where-to-start?zone=X01000004", 1366, 768),
    ("on-a-phone", "/?zone=X01000012", 390, 844),
)
READY = ".am-legend"


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        port = serve.free_port(None)
        words = ["demo", "--folder", f"{folder}/demo", "--port", str(port), "--no-browser"]
        app = subprocess.Popen([sys.executable, "-m", "assetmap.cli", *words], stdout=subprocess.PIPE, text=True)
        try:
            for line in app.stdout or ():
                if "is open at" in line:
                    break
            take(f"http://{serve.ADDRESS}:{port}")
        finally:
            app.terminate()
            app.wait()


def take(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for name, path, width, height in VIEWS:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(address + path)
            page.wait_for_selector(READY, state="attached", timeout=120_000)
            page.wait_for_timeout(4_000)
            page.screenshot(path=IMAGES / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
