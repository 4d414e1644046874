"""Structured logs on standard output: JSON lines in production, logfmt in development."""

import logging
import sys
import traceback
from typing import Any, Final, Literal, cast

import structlog
from structlog.types import FilteringBoundLogger

LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


class _ToStructlog(logging.Handler):
    """Passes on what libraries log, without exception texts: they may quote a request."""

    def __init__(self, logger: FilteringBoundLogger) -> None:
        super().__init__(logging.WARNING)
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record as one line."""
        fields: dict[str, Any] = {"logger": record.name}
        if record.exc_info and record.exc_info[0] is not None:
            fields["exception"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            if frames:
                fields["where"] = f"{frames[-1].name}:{frames[-1].lineno}"
        self._logger.log(record.levelno, record.msg if record.args else record.getMessage(), **fields)


def configure_logs(node_env: Literal["development", "production"], level: str) -> FilteringBoundLogger:
    """Set up the one logger of the process; call it once.

    Returns:
        The logger; a line is an event text and fields.
    """
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if node_env == "production"
        else structlog.processors.LogfmtRenderer(
            key_order=["timestamp", "level", "event"], bool_as_flag=False
        )
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    logger = cast("FilteringBoundLogger", structlog.get_logger())
    logging.basicConfig(handlers=[_ToStructlog(logger)], level=logging.WARNING, force=True)
    return logger
