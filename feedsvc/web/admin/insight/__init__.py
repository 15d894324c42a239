"""How the site is used, in numbers that name nobody."""
