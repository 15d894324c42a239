"""`python -m feedsvc.serving FACTORY HOST PORT WORKERS`, in an interpreter that has loaded little else.

It stays beside the processes that answer, and each of them begins by loading what it has loaded.
"""

from __future__ import annotations

import sys

from feedsvc.serving import processes


def main(factory: str, host: str, port: str, workers: str) -> None:
    processes.serve(factory, host=host, port=int(port), workers=int(workers))


if __name__ == "__main__":
    main(*sys.argv[1:])
