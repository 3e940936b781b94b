"""People on a worker's phone: unlocked, asked in the card's words, their own door by code, paused, gone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from browsing import eventually
from people_town import PASSPHRASE, RESPONSIBLE
from places import copied, village
from test_accessibility_browser import broken
from test_ui_browser import Reader, browser  # noqa: F401 (a fixture)

from assetmap.catalogue import load_catalogue
from assetmap.privacy.wording import newest_wording, read_out
from assetmap.roles import Actor
from assetmap.store import people as room
from assetmap.store.people import sealing
from assetmap.store.workspace import open_workspace

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.enable_socket,
]
NAME = "Quenby Zarathustra"
#: What a thumb cannot press: too low. The map and Streamlit's own menus are not on this page's list of things to do.
LOW = """() => [...document.querySelectorAll('.stMain button, .stMain [data-testid=stCheckbox] label, .stMain summary,'
    + ' .stMain [role=radiogroup] label, .stMain a.send')]
    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height > 0)
    .filter((e) => e.getBoundingClientRect().height < 43.5 && !e.closest('[data-testid=stTooltipIcon]'))
    .filter((e) => !['Number', 'Text', 'Date'].some((one) => e.closest(`[data-testid=st${one}Input]`)))
    .filter((e) => !e.closest('[data-testid=stSelectbox]'))
    .map((e) => (e.innerText || e.getAttribute('aria-label') || e.outerHTML).slice(0, 60))"""
WIDE = """() => [...document.querySelectorAll('html, [data-testid=stMain], .st-key-page')]
    .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.className)"""


class Phone(Reader):
    """A worker's telephone, and how often its owner tapped or typed."""

    def __init__(self, browser, address: str) -> None:  # noqa: F811
        super().__init__(browser, address, 390, 844)
        self.acts = 0

    def tap(self, words: str, role: str = "button") -> None:
        self.page.get_by_role(role, name=words).first.click()
        self.acts += 1

    def tick(self, words: str) -> None:
        self.page.locator("[data-testid=stCheckbox] label").filter(has_text=words).first.click()
        self.acts += 1

    def type(self, label: str, words: str) -> None:
        box = self.page.get_by_label(label, exact=True).first
        box.fill(words)
        box.press("Tab")
        self.acts += 1

    def reads(self, words: str) -> None:
        self.page.get_by_text(words).first.wait_for(timeout=60_000)

    def fits(self) -> None:
        # What is being drawn has no height yet, or not its own.
        for unfit in (WIDE, LOW):
            eventually(lambda unfit=unfit: self.page.evaluate(unfit) == [])
            assert self.page.evaluate(unfit) == []
        assert broken(self.page) == []


def test_people_on_a_phone_unlocked_asked_seen_by_their_code_paused_and_gone(tmp_path, server, browser):  # noqa: F811
    folder = copied(village(), tmp_path / "w")
    phone = Phone(browser, server.show(folder))
    phone.open("/people")
    phone.reads("Nobody can be written down yet")
    phone.fits()
    phone.look_as("Steward")
    unlock(phone)
    code = ask_somebody(phone)
    # Three sentences are read out for every yes; what is left of two minutes is for listening.
    assert phone.acts <= 11
    assert_nobody_else_could_read(folder, code)
    open_own_door(phone, code, tmp_path / "everything.html")
    phone.tap("Pause")
    phone.reads("nobody finds you until you end the pause")
    assert people(folder, "worker") == []
    phone.unfold("Have it removed", "Remove everything about me")
    phone.acts += 1
    phone.tap("Remove everything about me")
    phone.reads("Nothing about you is left")
    phone.fits()
    assert people(folder, "steward") == []
    assert NAME not in phone.page.content()
    assert code not in phone.link()
    phone.close()


def unlock(phone: Phone) -> None:
    for label, words in (
        ("Which organisation or organisations decide", RESPONSIBLE.controllers),
        ("How can people reach them", RESPONSIBLE.contact),
        ("Whose computer is this on", RESPONSIBLE.host),
        ("The power relied on", RESPONSIBLE.basis_detail),
        ("Where is the data protection impact", RESPONSIBLE.dpia),
        ("Whom does somebody tell here", "Ade at the Hall, 01632 960010"),
    ):
        phone.page.get_by_label(re.compile(label)).first.fill(words)
    phone.choose(phone.page.get_by_role("combobox", name="Lawful basis"), "Public task")
    # Day, month and year are typed one after the other.
    phone.page.get_by_role("group", name="Looked at again by").get_by_role("spinbutton").first.click()
    phone.page.keyboard.type("31032029")
    phone.fits()
    phone.tap("Save")
    phone.reads("Missing: a passphrase")
    for label in ("New passphrase", "The same again"):
        phone.page.get_by_label(re.compile(label)).first.fill(PASSPHRASE)
    phone.tap("Set it")
    phone.reads("People can be written down, if they agree.")
    phone.rest()
    phone.acts = 0


def ask_somebody(phone: Phone) -> str:
    """Ask with the words of the card, write down what they agreed to, and return the code of their card."""
    phone.type("Through which group, venue or worker can they be met?", "mill road")
    read = [
        read_out(part, newest_wording(), "Mill Road Library", RESPONSIBLE.controllers)
        for part in ("opening", "closing")
    ]
    for words in read:
        phone.reads(words)
    # The page is drawn once more for this answer: what may be asked hangs on it.
    phone.page.get_by_role("radiogroup", name=re.compile("at risk")).get_by_text("No", exact=True).click()
    phone.reads("May everybody know")
    phone.rest()
    phone.acts += 1
    for words in ("May we write down your name", "May the people who work for", "May everybody know"):
        phone.tick(words)
    phone.type("Their name, as they want to be called", NAME)
    phone.type("How they want to be reached: one telephone number or e-mail", "07700 900123")
    phone.type("What they like to do for others, in their words", "mends bicycles")
    phone.tick("They said that they are eighteen or older")
    phone.fits()
    phone.tap("They agreed: write it down")
    shown = phone.page.locator(".own-card .code")
    shown.wait_for()
    phone.rest()
    # The card stands above what was pressed, and comes onto the screen by itself.
    eventually(lambda: 0 <= shown.bounding_box()["y"] < 844)
    phone.fits()
    code = shown.inner_text()
    phone.page.get_by_role("button", name="Copy the words for the card").click()
    phone.reads("Copied.")
    card = phone.page.evaluate("navigator.clipboard.readText()")
    assert code in card
    assert "Ade at the Hall, 01632 960010. In danger call 999." in card
    assert NAME not in card
    phone.tap("They have their card")
    shown.wait_for(state="detached")
    return code


def people(folder, role: str) -> list[str]:
    with door(folder, role) as opened:
        return [one.name or one.gifts for one in room.read_people(opened)]


def door(folder, role: str):
    return room.open_people(open_workspace(folder), Actor("test", role), load_catalogue(), PASSPHRASE)


def assert_nobody_else_could_read(folder, code: str) -> None:
    assert people(folder, "worker") == [NAME]
    assert people(folder, "resident") == ["mends bicycles"]
    assert people(folder, "partner") == []
    files = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert NAME.encode() not in files
    assert sealing.plain_code(code).encode() not in files


def open_own_door(phone: Phone, code: str, path: Path) -> None:
    phone.type("The code on your card", code.lower())
    phone.tap("Show me my record")
    phone.reads("Everything we keep about you")
    phone.rest()
    phone.fits()
    # Whoever looks at their own record is alone with it.
    assert phone.page.get_by_text("Who can be met, and where").count() == 0
    with phone.page.expect_download() as waited:
        phone.page.get_by_role("button", name="Save everything as one file").click()
    waited.value.save_as(path)
    told = path.read_text(encoding="utf-8")
    assert "<li>Your name: Quenby Zarathustra</li>" in told
    assert NAME.split()[0].lower() not in waited.value.suggested_filename
    page = phone.context.new_page()
    page.goto(path.as_uri())
    kept = json.loads(page.locator("#everything").text_content())
    assert kept["what_we_keep"]["contact"] == "07700 900123"
    page.close()
