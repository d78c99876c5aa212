"""Times calls of a worker's no-op model against the same function called in a loop.

    python benchmarks/round_trip.py [--seconds 3] [--concurrency 1]

One client in a process of its own, raw contents, over a Unix-domain socket. Both sides share the machine's cores.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from loop import timed  # noqa: E402
from noop import predict  # noqa: E402

from clipper_worker import protocol  # noqa: E402

WARM_UP_SECONDS = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each row")
    parser.add_argument("--concurrency", type=int, default=1, help="calls of the worker under way at once")
    options = parser.parse_args()
    print("| rows | doubles | worker: calls/s | p50 µs | p99 µs | rows/s | function in a loop: calls/s |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        target = f"unix:{folder}/s"
        command = [sys.executable, "-m", "clipper_worker", str(HERE / "noop.py"), "--name", "noop", "--listen", target]
        worker = subprocess.Popen(
            [*command, "--threads", "1"], cwd=HERE.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            assert worker.stdout is not None
            if not worker.stdout.readline().startswith("ready"):
                raise SystemExit("the worker did not start")
            with grpc.insecure_channel(target, options=[("grpc.max_receive_message_length", -1)]) as channel:
                for rows in (1, 64):
                    for doubles in (10, 784):
                        print(row(channel, rows, doubles, options.seconds, options.concurrency), flush=True)
        finally:
            assert worker.stdin is not None
            worker.stdin.close()
            worker.wait(10)


def row(channel: grpc.Channel, rows: int, doubles: int, seconds: float, concurrency: int) -> str:
    infer = channel.unary_unary(
        f"/{protocol.SERVICE}/ModelInfer",
        protocol.ModelInferRequest.SerializeToString,
        protocol.ModelInferResponse.FromString,
    )
    batch = np.arange(rows * doubles, dtype=float).reshape(rows, doubles)
    request = protocol.ModelInferRequest(model_name="noop", raw_input_contents=[batch.tobytes()])
    request.inputs.add(name="input", datatype="FP64", shape=batch.shape)

    def call() -> None:
        infer(request, timeout=5.0)

    with ThreadPoolExecutor(concurrency) as clients:
        list(clients.map(lambda _: timed(call, WARM_UP_SECONDS), range(concurrency)))
        latencies = np.concatenate(list(clients.map(lambda _: timed(call, seconds), range(concurrency))))
    calls = len(latencies) / seconds
    p50, p99 = np.percentile(latencies, (50, 99)) * 1e6
    plain = len(timed(lambda: predict(batch), seconds)) / seconds
    return f"| {rows} | {doubles} | {calls:,.0f} | {p50:.0f} | {p99:.0f} | {calls * rows:,.0f} | {plain:,.0f} |"


if __name__ == "__main__":
    main()
