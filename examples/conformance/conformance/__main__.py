"""Checks a client, or compares a server with the kit's own.

    python -m conformance URL                    the client whose test adapter answers at URL
    python -m conformance --server URL TOKEN     a running Stepwise, signed in as a patient

The exit code is 0 when everything passed.
"""

import argparse
import sys

from conformance.kit import examine, report
from conformance.reference import Http
from conformance.transcripts import play


def main() -> int:
    """Runs the kit."""
    parser = argparse.ArgumentParser(
        prog="python -m conformance",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("url", help="of the client's test adapter, or of the server")
    parser.add_argument("token", nargs="?", help="a patient's session token, with --server")
    parser.add_argument("--server", action="store_true", help="URL is that of a Stepwise server")
    arguments = parser.parse_args()
    if arguments.server and not arguments.token:
        parser.error("--server needs a session token")
    if arguments.server:
        base = arguments.url.rstrip("/") + "/api/v1/"
        verdicts = play(Http(base, arguments.token))
    else:
        verdicts = examine(arguments.url)
    sys.stdout.write(report(verdicts) + "\n")
    return int(any(verdict.problem for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main())
