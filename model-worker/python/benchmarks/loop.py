"""Times the no-op model's function called in a loop, one row at a time: what is left is Python.

    python benchmarks/loop.py DOUBLES SECONDS
"""

from __future__ import annotations

import sys
import time
from typing import Callable

import numpy as np
from noop import predict


def main() -> None:
    doubles, seconds = int(sys.argv[1]), float(sys.argv[2])
    row = np.arange(doubles, dtype=float).reshape(1, doubles)
    latencies = timed(lambda: predict(row), seconds)
    p50, p99 = np.percentile(latencies, (50, 99)) * 1e6
    print(f"{len(latencies) / seconds:,.0f} calls/s, p50 {p50:.1f} µs, p99 {p99:.1f} µs")


def timed(call: Callable[[], object], seconds: float) -> np.ndarray:
    """The seconds that each call took, for as long as that."""
    latencies = []
    end = time.perf_counter() + seconds
    started = time.perf_counter()
    while started < end:
        call()
        now = time.perf_counter()
        latencies.append(now - started)
        started = now
    return np.array(latencies)


if __name__ == "__main__":
    main()
