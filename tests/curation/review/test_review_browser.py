"""The review screen in a browser: who gets the page, and that keys sent through it decide."""

from __future__ import annotations

import asyncio
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
import typer
from review_screens import write_build
from typer.testing import CliRunner

from apps_plus.errors import InputError
from curation.review import browser
from curation.review.cli import COMMANDS
from curation.review_decisions import read_decisions

pytest.importorskip("textual_serve", reason="the extra apps-plus[web] is not installed")
aiohttp = pytest.importorskip("aiohttp")

from textual_serve.app_service import AppService

app = typer.Typer(add_completion=False)
for name, function in COMMANDS.items():
    app.command(name)(function)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((browser.HOST, 0))
        return int(listener.getsockname()[1])


class Page:
    """A server and a client of it."""

    def __init__(self, command: str) -> None:
        self.server = browser.make_server(command, free_port(), "review")
        self.url = self.server.public_url
        self.processes: list[Any] = []
        """Those of the pages that were opened."""

    async def __aenter__(self) -> Page:
        self.runner = aiohttp.web.AppRunner(await self.server._make_app())
        await self.runner.setup()
        await aiohttp.web.TCPSite(self.runner, browser.HOST, self.server.port).start()
        self.client = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()
        await self.runner.cleanup()
        for process in self.processes:
            await process.wait()

    async def status(self, path: str, **headers: str) -> int:
        async with self.client.get(self.url + path, headers=headers) as response:
            return int(response.status)


def test_the_page_and_the_connection_are_refused_without_the_key_or_from_another_site(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Page("false") as page:
            key = f"/?key={page.server.key}"
            assert await page.status("/") == 403
            assert await page.status("/?key=guess") == 403
            assert await page.status("/ws", Origin=page.url) == 403
            assert await page.status(key, Host="elsewhere.example") == 403
            assert await page.status(key) == 200
            assert await page.status("/") == 200, "the cookie has the key from now on"
            assert await page.status("/ws", Origin="http://elsewhere.example") == 403
            assert await page.status("/ws") == 403
            async with page.client.get(page.url + key) as response:
                text = await response.text()
            assert "https://" not in text, "the page loads nothing from another site"

    asyncio.run(scenario())


def test_keys_that_are_sent_through_the_page_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_build(tmp_path / "build")
    command = browser.screen_command([str(folder), "--reviewer", "ana"])

    async def scenario() -> None:
        async with Page(command) as page:
            opened = AppService._open_app_process

            async def noted(self: AppService, width: int = 80, height: int = 24) -> Any:
                page.processes.append(await opened(self, width, height))
                return page.processes[-1]

            monkeypatch.setattr(AppService, "_open_app_process", noted)
            assert await page.status(f"/?key={page.server.key}") == 200
            socket_url = f"{page.url}/ws?width=80&height=24"
            async with page.client.ws_connect(socket_url, origin=page.url, max_msg_size=0) as connection:
                seen = await until(connection, "train/0001")
                assert "ana" in seen
                await connection.send_json(["stdin", "\r"])
                await until(connection, "Diff")
                await connection.send_json(["stdin", "x"])
                await until(connection, "reason")
                await connection.send_json(["stdin", "\r"])
                await until(connection, "saved")
        assert [(d.problem_id, str(d.action)) for d in read_decisions(folder / "decisions")] == [("train/0001", "drop")]

    asyncio.run(scenario())


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


async def shown(command: str, holds: str) -> tuple[str, list[str]]:
    """Open the page in a Chromium and wait until a JavaScript condition holds; return its texts, and its complaints."""
    from playwright.async_api import async_playwright

    async with Page(command) as page, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = await browser.new_page()
        complaints: list[str] = []
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 400 else None)
        await tab.goto(f"{page.url}/?key={page.server.key}")
        await tab.wait_for_function(holds, timeout=120_000)
        texts = await tab.inner_text("body")
        await browser.close()
    return texts, complaints


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome is on PATH")
def test_the_page_takes_keys_without_a_click_and_says_why_nothing_is_drawn_yet(tmp_path: Path) -> None:
    pytest.importorskip("playwright.async_api", reason="needs Playwright: pip install -e '.[browser]'")
    command = browser.screen_command([str(write_build(tmp_path / "build")), "--reviewer", "ana"])
    drawn = "document.activeElement.className === 'xterm-helper-textarea'"
    texts, complaints = asyncio.run(shown(command, drawn))
    assert "close it there" not in texts
    assert complaints == []
    texts, _ = asyncio.run(shown("sleep 2", "document.querySelector('.starting').checkVisibility()"))
    assert "open on another page or in a terminal" in texts


async def until(connection: Any, text: str) -> str:
    """Read what the page draws until a text is there."""
    seen = ""
    async for message in connection:
        data = message.data
        seen += data.decode(errors="replace") if isinstance(data, bytes) else str(data)
        if text in seen:
            return seen
    raise AssertionError(f"no {text!r} in {seen}")


def test_the_process_of_a_page_knows_that_it_needs_no_terminal() -> None:
    assert browser.is_served({"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"})
    assert not browser.is_served({})


def test_a_taken_port_and_a_missing_package_are_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind((browser.HOST, 0))
        taken.listen()
        with pytest.raises(InputError, match=r"cannot listen on .*\(Address already in use\): give another --port"):
            browser.serve([], taken.getsockname()[1], "review")
        assert "open http" not in capsys.readouterr().err, "an address that leads elsewhere is not printed"

    def missing(*_: object) -> None:
        raise ImportError

    monkeypatch.setattr(browser, "make_server", missing)
    with pytest.raises(InputError, match=r"pip install 'apps-plus\[web\]'"):
        browser.serve([], 8000, "review")


def test_serve_hands_its_options_to_the_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_build(tmp_path / "build")
    served: list[Any] = []
    monkeypatch.setattr(browser, "serve", lambda *given: served.append(given))
    words = ["serve", str(folder), "--reviewer", "ana", "--reviewers", "ana,bob", "--overlap", "0.5", "--port", "9001"]
    result = CliRunner().invoke(app, words)
    assert result.exception is None, result.output
    options = [str(folder), "--reviewer", "ana", "--overlap", "0.5", "--reviewers", "ana,bob"]
    assert served == [(options, 9001, f"review of {folder} by ana")]
    assert CliRunner().invoke(app, ["serve", str(tmp_path / "none")]).exception is not None
