"""Keeps queries out of the logs: a `_pk` is a secret, and it travels in one.

uvicorn logs HTTP requests to `uvicorn.access` and WebSocket handshakes to `uvicorn.error`.
"""

from __future__ import annotations

import copy
import logging
from typing import Any

from uvicorn.config import LOGGING_CONFIG

__all__ = ["DropQueries", "log_config"]


class DropQueries(logging.Filter):
    """Cuts `?…` off every path in a record's arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_without_query(arg) for arg in record.args)
        return True


def log_config() -> dict[str, Any]:
    """uvicorn's own logging configuration, with `DropQueries` on its handlers."""
    config = copy.deepcopy(LOGGING_CONFIG)
    config["filters"] = {"drop_queries": {"()": DropQueries}}
    for handler in config["handlers"].values():
        handler["filters"] = ["drop_queries"]
    return config


def _without_query(arg: object) -> object:
    if isinstance(arg, str) and arg.startswith("/"):
        return arg.partition("?")[0]
    return arg
