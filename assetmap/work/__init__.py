"""What people do with a study: one file each."""
