"""How a worker that nobody started tells a node that it is there, and that it goes."""

from __future__ import annotations

import http.client
import ipaddress
import json
import logging
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Callable

from clipper_worker.failures import LoadFailure

_LOG = logging.getLogger("clipper_worker")

_RENEW_SECONDS = 5.0
"""A third of what a node waits for the next announcement, so that one may get lost."""
_ANSWER_SECONDS = 10.0
_GOODBYE_SECONDS = 2.0
_LEAVE_SECONDS = 2 * _GOODBYE_SECONDS
"""As long again for an announcement that is under way."""
_UNIX = "unix:"
_NO_ANSWER = (OSError, ValueError, http.client.HTTPException)
"""The node is not there, or what answers in its place is no node."""


class Refused(Exception):
    """The node answered that it does not want this worker; the message is the node's."""


class Membership:
    """A worker's place at a node, which forgets it unless it is renewed; one that was restarted learns it again."""

    def __init__(
        self,
        node: str,
        token_file: str | None,
        name: str,
        version: str,
        url: str,
        renew_seconds: float = _RENEW_SECONDS,
    ) -> None:
        self._node = node.rstrip("/")
        self._token = Path(token_file).read_text().strip() if token_file else None
        self._place = {"model_name": name, "model_version": version, "url": url}
        self._renew_seconds = renew_seconds
        self._leaving = threading.Event()
        self._thread: threading.Thread | None = None

    def join(self, refused: Callable[[str], None]) -> None:
        """Announces the worker, now and on; ``refused`` is called, once, if the node does not want it (any more)."""
        thread = threading.Thread(target=self._run, args=(refused,), name="membership", daemon=True)
        thread.start()
        self._thread = thread

    def leave(self) -> None:
        """Sends no more queries this way, where the node can be told; waits until it knows, but not for long."""
        self._leaving.set()
        if self._thread is not None:
            self._thread.join(_LEAVE_SECONDS)
            if self._thread.is_alive():
                _LOG.info("%s does not know yet that the worker leaves", self._node)

    def _run(self, refused: Callable[[str], None]) -> None:
        """One thread says both, one after the other: a node that hears of an announcement last would have it back."""
        try:
            self._stay()
        except Refused as error:
            refused(f"{self._node} refuses it: {error}")
            return
        try:
            self._post("leave", self._place, _GOODBYE_SECONDS)
        except (*_NO_ANSWER, Refused) as error:
            _LOG.info("%s was not told that the worker leaves: %s", self._node, error)

    def _stay(self) -> None:
        """Returns when the worker leaves; raises Refused."""
        known = False
        reachable = True
        while not self._leaving.is_set():
            try:
                answer = self._post("announce", {**self._place, "renew": known}, _ANSWER_SECONDS)
                if not known or not reachable:
                    _LOG.info("joined %s: %s", self._node, answer.get("state", ""))
                known = reachable = True
            except _NO_ANSWER as error:
                if reachable:
                    _LOG.warning("%s gives no answer, and is tried again: %s", self._node, error)
                reachable = False
            self._leaving.wait(self._renew_seconds)

    def _post(self, verb: str, body: dict[str, Any], timeout: float) -> dict[str, Any]:
        request = urllib.request.Request(f"{self._node}/admin/{verb}", json.dumps(body).encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            words = _words(error)
            if error.code < 500:
                raise Refused(words) from error
            raise OSError(words) from error
        if not isinstance(answer, dict):
            raise ValueError(f"'{answer}' is no answer of a node")
        return answer


def management(url: str) -> str:
    """That URL, if it may be a node's; raises ValueError in a line otherwise."""
    try:
        address = urllib.parse.urlsplit(url)
        valid = address.scheme in ("http", "https") and address.hostname and address.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ValueError(f"'{url}' is no address of a node, such as http://node:1338")
    return url


def reachable_url(target: str, advertised: str | None, node: str) -> str:
    """Where that node finds what listens at ``target``."""
    if advertised:
        return f"grpc://{advertised}"
    if target.startswith(_UNIX):
        return f"grpc://{target}"
    address = urllib.parse.urlsplit(node)
    node_host = address.hostname or ""
    host, _, port = target.rpartition(":")
    listening = host.strip("[]")
    if _is(listening, "is_unspecified"):
        own = _own_address(node_host, address.port or 80)
        return f"grpc://{f'[{own}]' if ':' in own else own}:{port}"
    if _is(listening, "is_loopback") and not _is(_numeric(node_host), "is_loopback"):
        raise LoadFailure(
            f"{node} cannot reach a worker that listens on {target}: "
            "give --listen 0.0.0.0:PORT, or --advertise HOST:PORT"
        )
    return f"grpc://{target}"


def _own_address(host: str, port: int) -> str:
    """This machine's on the way to that host; a datagram socket sends nothing by connecting."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][0]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((host, port))
            return str(probe.getsockname()[0])
    except OSError as error:
        words = f"it is not known where {host} reaches this worker ({error}): give --advertise HOST:PORT"
        raise LoadFailure(words) from error


def _numeric(host: str) -> str:
    try:
        return str(socket.getaddrinfo(host, None)[0][4][0])
    except OSError:
        return host


def _is(host: str, what: str) -> bool:
    try:
        return bool(getattr(ipaddress.ip_address(host), what))
    except ValueError:
        return what == "is_loopback" and host == "localhost"


def _words(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["cause"])
    except (ValueError, KeyError, TypeError):
        return f"{error.code} {error.reason}"
