"""Which services answer as expected today, which have moved or changed, and which are down."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

from assetmap import text
from assetmap.catalogue import Catalogue
from assetmap.schema import Step
from assetmap.sources import ons
from assetmap.sources.answers import Failed
from assetmap.sources.probes import Probe, all_probes, rows_probe
from assetmap.sources.trouble import Trouble
from assetmap.sources.web import Client

State = Literal["expected", "changed", "down"]
#: A service is asked a second time, after so many seconds, before it is called down.
AGAIN_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Live:
    """What one part of a service said; ``said`` is empty where it answers as expected."""

    source: str
    part: str
    state: State
    said: str
    seconds: float
    address: str

    def sentence(self) -> str:
        """Return it as a reader sees it."""
        said = {"source": self.source, "part": self.part, "said": self.said, "seconds": f"{self.seconds:.1f}"}
        return text.say(f"live-{self.state}", **said)


def ask_all(catalogue: Catalogue, client: Client | None = None) -> Generator[Step, None, tuple[Live, ...]]:
    """Ask each service of the catalogue for one row, one after the other.

    Parameters
    ----------
    catalogue
        Whose sources are asked; what a workspace says of them among them.
    client
        Who asks; one of our own when None, which goes through the proxy that the environment names.

    Returns
    -------
    tuple
        One answer for each part of each service. ``changed``: it answers, and not as expected, or refuses. ``down``: it
        does not answer, or says that it cannot now.
    """
    told: list[Live] = []
    with TemporaryDirectory(prefix="assetmap-live-", ignore_cleanup_errors=True) as own:
        asker = client or Client(Path(own))
        for probe in all_probes(catalogue):
            told.append(_ask(asker, probe))
            if probe.part in ons.service_words(catalogue.sources[probe.source], "datasets") and _names_a_page(probe):
                told[-1:] = yield from _behind(asker, catalogue, probe, told[-1])
            yield Step("asking-live", len(told))
    return tuple(told)


def problems(told: Iterable[Live]) -> int:
    """Return how many parts do not answer as expected."""
    return sum(one.state != "expected" for one in told)


def as_json(told: tuple[Live, ...]) -> dict[str, Any]:
    """Return the answers as plain data."""
    return {"live": [asdict(one) for one in told], "problems": problems(told)}


def _ask(client: Client, probe: Probe) -> Live:
    began, address = client.clock(), probe.question.address

    def answer(state: State, said: str) -> Live:
        return Live(probe.source, probe.part, state, said, round(client.clock() - began, 1), address)

    for last in (False, True):
        try:
            wrong = probe.check(client.peek(probe.question))
        except Trouble as trouble:
            if trouble.again and not last:
                client.sleep(AGAIN_SECONDS)
                continue
            return answer("down" if trouble.again else "changed", trouble.reason)
        break
    if not wrong and address in client.moved:
        wrong = f"answers at {client.moved[address]} for good; mend the address in layers/sources"
    return answer("changed" if wrong else "expected", wrong)


def _names_a_page(probe: Probe) -> bool:
    return "/content/items/" in probe.question.address


def _behind(client: Client, catalogue: Catalogue, probe: Probe, page: Live) -> Generator[Step, None, list[Live]]:
    """Ask as well for a row of the data that a page of the portal names."""
    source = catalogue.sources[probe.source]
    if page.state != "expected":
        return [page]
    found = yield from ons.find_layer(client, source, probe.part, ("output_area",))
    if isinstance(found, Failed):
        return [page]
    return [_ask(client, rows_probe(source, probe.part, found))]
