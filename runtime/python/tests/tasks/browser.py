"""A real browser, headless: Debian's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright

OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """Return the path of Chromium; CI installs it, elsewhere its tests say that it is missing."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        reason = "Chromium is not installed (Debian: apt-get install chromium)"
        if os.environ.get("CI", "") not in ("", "0", "false"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@asynccontextmanager
async def opened(**context: object) -> AsyncGenerator[Page]:
    """Open an empty page. What the browser says is wrong with a page fails the test."""
    path = chromium()
    faults: list[str] = []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=list(OPTIONS))
        place = await browser.new_context(locale="en-GB", timezone_id="UTC", **context)  # type: ignore[arg-type]
        page = await place.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        try:
            yield page
        finally:
            await browser.close()
    assert faults == []
