"""The app behind a real socket on this machine, for tests that need a browser or a client."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import make_server


@contextmanager
def served(make_app: Callable[[str], Flask]) -> Iterator[str]:
    """Serve the app that `make_app(base_url)` returns while the block runs; gives the base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        base_url = f"http://127.0.0.1:{port}"
        app = make_app(base_url)
        server = make_server("127.0.0.1", port, app, threaded=True, fd=listener.fileno())
        thread = threading.Thread(target=server.serve_forever, name="live site")
        thread.start()
        try:
            yield base_url
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
