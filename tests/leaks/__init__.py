"""What a file or a page gives away: see ``scanner``."""
