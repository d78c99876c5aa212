"""The command ``clipper-worker``."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from clipper_worker import __version__, lifetime, session, thread_budget
from clipper_worker.failures import LoadFailure, in_words

if TYPE_CHECKING:
    from clipper_worker.joining import Membership

_LOG = logging.getLogger("clipper_worker")

CANNOT_LOAD = 1
BUSY_TO_THE_END = 3

_TO_RETURN_SECONDS = 0.5

_EPILOG = """\
SOURCE is a Python file, folder or module (FUNCTION: a function, a class or an object with predict; default: predict,
Model or model), a pickle (.pkl .pickle .joblib), an XGBoost (.ubj .xgb .bst .json) or LightGBM (.txt .lgb) model,
TorchScript (.pt .pth), ONNX (.onnx), or a folder that MLflow saved.
One line on standard output says that it serves: ready TARGET. All else is on standard error.
exit codes: 0 ended by a signal or with its parent · 1 cannot load, listen or join · 2 wrong usage
3 ended amid a batch"""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    options = _parser().parse_args(arguments)
    own_stdout = lifetime.take_stdout()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    if options.threads is not None:
        thread_budget.announce(options.threads)
    has_parent = lifetime.is_watched() and not options.no_watch_stdin
    # Without a parent to watch it may be a terminal's, which would not reach it in a session of its own.
    worker = Worker(options.grace, leads=has_parent and session.lead())
    lifetime.Lifetime(has_parent, worker.end)
    try:
        target = worker.load(options)
        worker.announce_to(options, target)
    except LoadFailure as error:
        worker.fail(options.source, str(error))
    except BaseException as error:  # the source's own, whatever it is
        from clipper_worker.tracebacks import of_model

        print(of_model(error), file=sys.stderr)
        worker.fail(options.source, in_words(error))
    print(f"ready {target}", file=own_stdout, flush=True)
    worker.join()
    worker.serve()
    worker.exit(0)


class Worker:
    """One model behind one server, from its loading to its end."""

    def __init__(self, grace_seconds: float, leads: bool) -> None:
        self._grace_seconds = grace_seconds
        self._leads = leads
        self._returned = threading.Event()
        self._membership: Membership | None = None

    def load(self, options: argparse.Namespace) -> str:
        """Blocks until the model is served; returns the target. Imports what reads the thread budget."""
        # Read when grpc is imported: what it otherwise does in a child that the model forks (a pool's, say) crashes some.
        os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
        from clipper_worker import loading, server, signature
        from clipper_worker.model_thread import ModelThread
        from clipper_worker.service import Service

        inputs = signature.parse(options.input_type) if options.input_type else None
        model = loading.load(options.source, inputs, options.threads)
        if options.threads is not None:
            thread_budget.limit_torch(options.threads)
        self._thread = ModelThread(options.concurrency)
        service = Service(
            model, options.name, options.version, lambda: self._thread.standstill >= options.stuck_timeout
        )
        self._server = server.start(service, self._thread, options.max_waiting, options.listen)
        target = self._server.target
        takes = ", ".join(map(str, model.inputs))
        _LOG.info("serving %s:%s (%s) from %s on %s", options.name, options.version, takes, options.source, target)
        return target

    def announce_to(self, options: argparse.Namespace, target: str) -> None:
        """Finds out where the node that it is to join will reach it, if there is one."""
        if options.join:
            from clipper_worker import joining

            url = joining.reachable_url(target, options.advertise, options.join)
            self._membership = joining.Membership(options.join, options.token_file, options.name, options.version, url)

    def join(self) -> None:
        if self._membership is not None:
            self._membership.join(self._not_wanted)

    def _not_wanted(self, reason: str) -> None:
        print(f"clipper-worker: {reason}", file=sys.stderr)
        self.exit(CANNOT_LOAD)

    def serve(self) -> None:
        """Calls the model in this thread until the end."""
        self._thread.serve()
        self._returned.set()

    def end(self, reason: str) -> None:
        """Lets the batch that runs finish, within the grace."""
        server = getattr(self, "_server", None)
        if server is None:
            _LOG.info("ending while the model is loaded: %s", reason)
            self.exit(0)
        _LOG.info("ending: %s", reason)
        if self._membership is not None:
            self._membership.leave()
        server.stop(self._grace_seconds).wait()
        self._thread.stop()
        if self._returned.wait(_TO_RETURN_SECONDS):
            return  # the main thread exits
        _LOG.warning("the model did not return within %.1f s", self._grace_seconds)
        self.exit(BUSY_TO_THE_END)

    def fail(self, source: str, reason: str) -> NoReturn:
        print(f"clipper-worker: cannot serve {source}: {reason}", file=sys.stderr)
        self.exit(CANNOT_LOAD)

    def exit(self, status: int) -> NoReturn:
        """Ends at once: threads of the model's libraries may never do so by themselves."""
        if self._leads:
            session.end_others()
        logging.shutdown()
        sys.stderr.flush()
        os._exit(status)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="clipper-worker",
        description="Serves a model over the Open Inference Protocol (gRPC).",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", metavar="SOURCE[:FUNCTION]")
    parser.add_argument("--name", required=True, help="of the model")
    parser.add_argument("--version", default="1", help="of the model (default: 1)")
    parser.add_argument("--listen", default="127.0.0.1:0", metavar="unix:PATH|HOST:PORT", help="(default: a free port)")
    parser.add_argument(
        "--input-type",
        metavar="TYPE",
        help="doubles, floats, integers, bytes, strings, or NAME:DATATYPE[SHAPE],…, with a ? behind those that a request "
        "may lack (default: the model's, or doubles)",
    )
    parser.add_argument("--threads", type=_positive, help="of OpenMP, MKL, OpenBLAS, torch, … (default: theirs)")
    parser.add_argument("--concurrency", type=_positive, default=1, help="calls of the model at once (default: 1)")
    parser.add_argument("--max-waiting", type=_positive, default=64, help="batches that may wait for it (default: 64)")
    parser.add_argument(
        "--stuck-timeout",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="for a batch to return, before the model says that it is not ready (default: 60)",
    )
    parser.add_argument("--grace", type=float, default=5.0, metavar="SECONDS", help="for the last batch (default: 5)")
    parser.add_argument("--join", type=_management, metavar="URL", help="a node to be a replica of: http://node:1338")
    parser.add_argument("--advertise", metavar="HOST:PORT", help="where that node reaches it (default: as it listens)")
    parser.add_argument("--token-file", metavar="FILE", help="of that node's management, where it asks for a token")
    parser.add_argument("--no-watch-stdin", action="store_true", help="go on when standard input, a pipe, ends")
    parser.add_argument("--worker-version", action="version", version=__version__)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is below 1")
    return number


def _management(text: str) -> str:
    from clipper_worker import joining

    try:
        return joining.management(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
