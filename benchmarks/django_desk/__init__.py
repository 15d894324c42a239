"""The anchor of the desk's lists: the list that Django's admin makes of the same rows.

It is set up as its manual advises for many rows: titles are fetched ahead, filters for state and
cluster stand beside it, words are sought in the titles, pages have fifty rows. Accounts and sessions
are in memory. Django is no part of the product: the benchmark alone asks for it, if it is there.
"""
