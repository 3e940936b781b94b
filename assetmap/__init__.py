"""assetmap: what a community has, where to start talking, and how steady that finding is."""
