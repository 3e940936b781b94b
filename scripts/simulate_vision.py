"""Show pictures in greyscale and as eyes without green or red cones see them: simulate_vision.py PICTURE..."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from assetmap.maps import colour


def main(pictures: list[str]) -> None:
    for picture in map(Path, pictures):
        coded = np.asarray(Image.open(picture).convert("RGB"), dtype=float) / 255
        linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
        for vision, matrix in colour.VISIONS.items():
            seen = np.clip(linear @ matrix.T, 0, 1)
            back = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
            if vision != "full":
                made = picture.with_name(f"{picture.stem}-{vision}.png")
                Image.fromarray(np.round(back * 255).astype(np.uint8)).save(made)
                print(made)


if __name__ == "__main__":
    main(sys.argv[1:])
