"""No query is logged."""

import logging

from machine_party.server.access_log import DropQueries, log_config


def record(*args: object) -> logging.LogRecord:
    text = '%s - "%s %s HTTP/%s" %d'
    return logging.LogRecord("uvicorn.access", logging.INFO, "", 0, text, args, None)


def test_a_query_is_cut_off_a_logged_path() -> None:
    logged = record("10.0.0.1:5", "GET", "/parties/p/r?_pk=secret&x=/a?b", "1.1", 200)
    assert DropQueries().filter(logged)
    assert logged.getMessage() == '10.0.0.1:5 - "GET /parties/p/r HTTP/1.1" 200'


def test_every_handler_of_uvicorn_has_the_filter() -> None:
    handlers = log_config()["handlers"].values()
    assert all(handler["filters"] == ["drop_queries"] for handler in handlers)
