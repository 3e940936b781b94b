"""Layer folders to one catalogue."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from assetmap.catalogue import keys
from assetmap.catalogue.checks import check_references, check_rules
from assetmap.catalogue.model import Catalogue, Count, Index, Indicator, Source, Theme
from assetmap.catalogue.values import Key, did_you_mean, fields_of
from assetmap.categories import Category, make_sorter
from assetmap.errors import LayerError

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LAYERS = ("themes", "assets", "indicators", "indices", "sources", "counts")
_T = TypeVar("_T")


def shipped_layers() -> Path:
    """Return the folder of layers that came with assetmap: inside the package, else in the checkout."""
    here = Path(__file__).resolve().parent.parent
    return next((folder for folder in (here / "layers", here.parent / "layers") if folder.is_dir()), here / "layers")


def load_catalogue(*folders: Path) -> Catalogue:
    """Read layer folders into one catalogue; a later folder adds to an earlier one or overrides it by id.

    Parameters
    ----------
    folders
        Folders laid out as ``layers/``; none means the layers that came with assetmap.

    Returns
    -------
    Catalogue
        Frozen; themes in their own order, all else in alphabetical order of the ids.

    Raises
    ------
    LayerError
        At the first fault, naming file and key, what was found and what to do.

    Examples
    --------
    >>> load_catalogue().categories["library"].kind
    'building'
    """
    paths: dict[tuple[str, str], Path] = {}
    for folder in folders or (shipped_layers(),):
        paths.update({(path.parent.name, path.stem): path for path in _layer_files(folder)})
    return _catalogue_of(tuple((name, paths[name].read_bytes()) for name in sorted(paths)))


@lru_cache(maxsize=8)
def _catalogue_of(files: tuple[tuple[tuple[str, str], bytes], ...]) -> Catalogue:
    """Return the catalogue of layer files, each with kind, id and content; known again as long as none has changed."""
    contents = dict(files)
    sums = "".join(f"{kind}/{name} {hashlib.sha256(text).hexdigest()}\n" for (kind, name), text in contents.items())
    categories = _layers(contents, "assets", Category, keys.CATEGORY)
    themes = _layers(contents, "themes", Theme, keys.THEME)
    catalogue = Catalogue(
        themes=MappingProxyType({theme.id: theme for theme in sorted(themes.values(), key=lambda t: (t.order, t.id))}),
        categories=categories,
        indicators=_layers(contents, "indicators", Indicator, keys.INDICATOR),
        indices=_layers(contents, "indices", Index, keys.INDEX),
        sources=_layers(contents, "sources", Source, keys.SOURCE),
        counts=_layers(contents, "counts", Count, keys.COUNT),
        fingerprint=hashlib.sha256(sums.encode()).hexdigest(),
        _sorter=make_sorter(categories),
    )
    check_references(catalogue)
    check_rules(catalogue)
    return catalogue


def _layer_files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise LayerError("there is no such folder of layers", folder.name, do="make it or leave it out")
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        if inner.name not in _LAYERS:
            raise LayerError("unknown kind of layer", folder.name, inner.name, did_you_mean(inner.name, _LAYERS))
        for path in sorted(inner.glob("*.toml")):
            if not _ID.fullmatch(path.stem):
                do = "name the file in small letters, digits and hyphens, such as community-centre.toml"
                raise LayerError("the file name cannot be an id", inner.name, path.name, do)
            yield path


def _layers(
    contents: Mapping[tuple[str, str], bytes], kind: str, made: Callable[..., _T], keys: Mapping[str, Key]
) -> Mapping[str, _T]:
    """Return the layers of one kind by id."""
    layers = {}
    for folder, layer_id in contents:
        if folder == kind:
            where = f"{kind}/{layer_id}.toml"
            layers[layer_id] = made(id=layer_id, **fields_of(_toml(contents[kind, layer_id], where), keys, where))
    return MappingProxyType(layers)


def _toml(content: bytes, where: str) -> object:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LayerError("is not UTF-8 text", where, do="save it again as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise LayerError(f"is not valid TOML: {error}", where, do="mend the line named") from error
