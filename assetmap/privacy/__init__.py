"""What a viewer may see. Pure: tables in, smaller tables out; nothing is hidden later."""

from assetmap.privacy.assets import assets_for, columns_for

__all__ = ["assets_for", "columns_for"]
