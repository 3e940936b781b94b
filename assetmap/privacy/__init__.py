"""What a viewer may see. Pure: tables in, smaller tables out; nothing is hidden later."""

from assetmap.privacy.assets import assets_for, columns_for
from assetmap.privacy.free_text import Sign, personal_signs
from assetmap.privacy.networks import columns_of_measures, may_tell, ties_for

__all__ = ["Sign", "assets_for", "columns_for", "columns_of_measures", "may_tell", "personal_signs", "ties_for"]
