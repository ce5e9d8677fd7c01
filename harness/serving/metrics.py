"""Metrics of the server (``GET /metrics``), in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from harness.serving.workers import ServingWorkers

CONTENT_TYPE: str = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class ServerMetrics:
    """The counters of one server. Labels take few values: endpoints, statuses, verdicts."""

    def __init__(self, workers: ServingWorkers, problems: int) -> None:
        disable_created_metrics()  # a time for each counter, which nothing here reads
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "apps_plus_requests",
            "Requests, by endpoint and HTTP status; 499: the client went away.",
            ["endpoint", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "apps_plus_request_seconds",
            "Seconds from the headers of a request to its answer, waiting included.",
            ["endpoint"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._results = Counter(
            "apps_plus_results",
            "Results: verdicts of /judge, statuses of /run_code.",
            ["endpoint", "result"],
            registry=self._registry,
        )
        self._gauge("apps_plus_workers", "Worker processes.", lambda: workers.count)
        self._gauge("apps_plus_queue_capacity", "Requests that may wait.", lambda: workers.queue)
        self._gauge("apps_plus_running", "Programs that are running.", lambda: workers.running)
        self._gauge("apps_plus_waiting", "Requests that wait or whose body is being read.", lambda: workers.waiting)
        self._gauge("apps_plus_workers_replaced", "Workers that were killed and replaced.", lambda: workers.replaced)
        self._gauge("apps_plus_problems", "Problems of the loaded build.", lambda: problems)

    def count_request(self, endpoint: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(endpoint, str(status)).inc()
        self._seconds.labels(endpoint).observe(seconds)

    def count_result(self, endpoint: str, result: str) -> None:
        """Count a verdict, or the status of a program that ran."""
        self._results.labels(endpoint, result).inc()

    def text(self) -> bytes:
        """Return all values in Prometheus's text format."""
        text: bytes = generate_latest(self._registry)
        return text

    def _gauge(self, name: str, text: str, value: Callable[[], int]) -> None:
        Gauge(name, text, registry=self._registry).set_function(value)
