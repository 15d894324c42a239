"""How fast it is, against an anchor measured in the same run.

`python -m benchmarks [NAME ...]` prints a table and writes build/bench.json. Rounds of both sides
are interleaved and the medians compared, so that a busy machine slows both alike. What a server
says it sent is not believed: the client's own count is checked before a rate is printed.
"""
