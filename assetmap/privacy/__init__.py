"""What a viewer may see. Pure: tables in, smaller tables out; nothing is hidden later."""

from assetmap.privacy.assets import Sign, assets_for, columns_for, personal_signs

__all__ = ["Sign", "assets_for", "columns_for", "personal_signs"]
