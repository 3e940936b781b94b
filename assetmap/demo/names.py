"""Words for made-up names: common nouns and street endings, never a person's or a place's name."""

from __future__ import annotations

import numpy as np

NOUNS = (
    "Acorn Almond Anvil Apricot Badger Barley Basket Beacon Bellows Biscuit Blanket Bobbin Bramble Brindle Butter "
    "Button Candle Carrot Cartwheel Catkin Cherry Chestnut Cinder Clover Cobble Copper Coracle Cowslip Cricket "
    "Currant Damson Dapple Dragonfly Drumstick Elderberry Feather Fiddle Flagstone Flax Foxglove Furrow Garland "
    "Ginger Glove Gooseberry Hammer Harebell Haystack Hazelnut Hedgehog Honey Hopscotch Hornpipe Ivy Jasmine "
    "Juniper Kettle Kingfisher Kite Ladder Lamp Lantern Lapwing Larder Lavender Lemon Linnet Loom Lupin Magpie "
    "Mallet Maple Marigold Medlar Mitten Mulberry Mustard Nettle Nutmeg Oatcake Oriole Otter Paddle Paperclip "
    "Parsley Pear Pebble Penknife Pepper Pewter Pickle Pillow Pinecone Plover Plum Pocket Poppy Pottery Primrose "
    "Pudding Puffin Quill Quilt Quince Rafter Raisin Ribbon Rivet Rooftop Rosehip Saddle Saffron Sandpiper Satchel "
    "Scarf Shuttle Skylark Slate Snowdrop Sorrel Sparrow Spindle Spoon Starling Sundial Swallow Tabletop Tambourine "
    "Tansy Tassel Teacup Teapot Teasel Thimble Thistle Thrush Thyme Timber Tinder Toffee Trellis Trowel Trumpet "
    "Turnip Velvet Violet Waffle Wagtail Walnut Watercress Whistle Wicker Willow Windmill Woodpecker Yarrow"
).split()

STREETS = "Street Road Road Road Avenue Avenue Lane Terrace Drive Gardens Grove Crescent Way Row Place".split()
CLOSES = "Close Close Court Mews Yard Walk".split()
LANES = "Lane Lane Lane Drove Hill Green".split()
MAINS = "Road Road Street Way Parade".split()
ZONE_ENDS = "garth holt wick fold mere croft ley hurst combe slade thwaite bank".split()


def make_names(rng: np.random.Generator, n: int, endings: tuple[str, ...] | list[str]) -> list[str]:
    """Return n names of a noun and an ending, different as long as the words last.

    Examples
    --------
    >>> names = make_names(np.random.default_rng(1), 3, ["Street"])
    >>> len(set(names)), all(name.endswith(" Street") for name in names)
    (3, True)
    """
    ends = sorted(set(endings))
    shuffled = rng.permutation(len(NOUNS) * len(ends))
    # Endings that are listed twice are drawn twice as often, so sort by a weighted random key.
    weights = np.array([list(endings).count(ends[i % len(ends)]) for i in shuffled], dtype=float)
    order = shuffled[np.argsort(-(rng.random(len(shuffled)) ** (1.0 / weights)), kind="stable")]
    picked = order[np.arange(n) % len(order)]
    return [f"{NOUNS[i // len(ends)]} {ends[i % len(ends)]}" for i in picked.tolist()]


def make_zone_names(rng: np.random.Generator, n: int) -> list[str]:
    """Return n different invented neighbourhood names, such as Kettlegarth.

    Examples
    --------
    >>> len(set(make_zone_names(np.random.default_rng(1), 3000)))
    3000
    """
    ends = len(ZONE_ENDS)
    order = rng.permutation(len(NOUNS) * ends)
    names = [f"{NOUNS[i // ends]}{ZONE_ENDS[i % ends]}" for i in order[:n].tolist()]
    extra = [f"{prefix} {name}" for prefix in ("Upper", "Lower", "Nether", "Over") for name in names]
    return names + extra[: max(0, n - len(names))]
