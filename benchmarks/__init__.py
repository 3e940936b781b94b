"""How fast assetmap is beside other ways to the same figures: one module for each bench."""
