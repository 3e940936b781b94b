"""Maps: one palette, one legend, one packed payload, drawn the same on screen, in files and in notebooks."""

__all__ = ["component_assets", "draw_map", "legend", "map_document", "merge_streets", "pack"]
