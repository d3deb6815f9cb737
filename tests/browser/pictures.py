"""`make pictures`: the README's screenshots, taken of the running product and its demo clinic."""

import json
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.chromium import ARGUMENTS, CHROMIUM
from tests.e2e.processes import ROOT, Product, running_product

IMAGES = ROOT / "docs" / "images"
WINDOW = {"width": 1280, "height": 900}


def main() -> None:
    """Starts the product, signs in as the demo's first therapist and takes the pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with running_product(own_broker=False) as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport=WINDOW)  # type: ignore[arg-type]
        _sign_in(page, product)
        _shoot(page, IMAGES / "panel.png")
        page.get_by_role("link", name="Carl").first.click()
        page.get_by_role("heading", name="What needs doing").wait_for()
        _shoot(page, IMAGES / "patient.png")
        page.get_by_role("link", name="Brief", exact=True).click()
        page.get_by_role("link", name="Save as PDF").wait_for()
        _shoot(page, IMAGES / "brief.png")
        browser.close()


def _sign_in(page: Page, product: Product) -> None:
    demo = json.loads((product.data_dir / "demo.json").read_text(encoding="utf-8"))
    therapist = demo["therapists"][0]
    page.goto(f"{product.base_url}/dashboard/")
    page.get_by_label("Email").fill(therapist["email"])
    page.get_by_label("Password").fill(therapist["password"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill(product.manage("demo_code").strip())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="My patients").wait_for()


def _shoot(page: Page, path: Path) -> None:
    page.screenshot(path=path)
    print(path.relative_to(ROOT))  # noqa: T201  (a command for people)


if __name__ == "__main__":
    main()
