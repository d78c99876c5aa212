"""python -m oip_conformance URL --model NAME [--grpc HOST:PORT]: what of the Open Inference Protocol a server keeps to."""

import argparse
import json
import sys

from .report import Report
from .rest import Rest
from .rest_extensions import RestExtensions


def main():
    parser = argparse.ArgumentParser(prog="oip_conformance", description=__doc__)
    parser.add_argument("url", help="of the server: http://HOST:PORT")
    parser.add_argument("--model", required=True, help="a model that answers an input of zeros")
    parser.add_argument("--version", default="", help="of the model; without it the server chooses")
    parser.add_argument("--grpc", metavar="HOST:PORT", help="also over gRPC")
    parser.add_argument("--request", metavar="FILE", help="a JSON inference request, for a model that does not answer zeros")
    parser.add_argument(
        "--also", action="append", default=[], metavar="NAME", help="another model, for what the first cannot show, such as FP16; may be given again"
    )
    parser.add_argument("--verbose", action="store_true", help="stack traces behind what failed")
    asked = parser.parse_args()
    request = None
    if asked.request:
        with open(asked.request, encoding="utf-8") as file:
            request = json.load(file)
    report = Report(asked.verbose)
    rest = Rest(asked.url, report, asked.model, asked.version, request)
    rest.run()
    others = [Rest(asked.url, report, name, "", None) for name in asked.also]
    for other in others:
        other.metadata = report.check(f"rest.model.metadata-of-{other.model}", other.described)
    extensions = RestExtensions(rest, others)
    extensions.run()
    if asked.grpc:
        from .rpc import Rpc
        from .rpc_extensions import RpcExtensions

        rpc = Rpc(asked.grpc, report, rest)
        rpc.run()
        RpcExtensions(rpc, extensions).run()
    print(report.summary())
    return 1 if report.failed() else 0


if __name__ == "__main__":
    sys.exit(main())
