"""The site itself, for administrators: what is decided about it, and the first visit."""
