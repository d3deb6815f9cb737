"""The id that ties a request's or a task's log lines together."""

from contextvars import ContextVar

trace_id: ContextVar[str] = ContextVar("trace_id", default="")
