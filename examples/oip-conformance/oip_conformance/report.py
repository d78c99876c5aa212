"""One line for each check, and what it comes to."""

import sys
import traceback


class Skipped(Exception):
    """What is checked is not there, and need not be."""


class Report:
    def __init__(self, verbose=False, out=sys.stdout):
        self.verbose = verbose
        self.out = out
        self.counts = {"ok": 0, "FAIL": 0, "skip": 0}

    def check(self, name, run):
        """Runs one check: it returns, or raises; gives back what it returned, or None."""
        try:
            found = run()
        except Skipped as why:
            self._line("skip", name, why)
            return None
        except Exception as wrong:  # whatever a server makes of a request is its result, not ours
            self._line("FAIL", name, f"{type(wrong).__name__}: {wrong}" if not isinstance(wrong, AssertionError) else wrong)
            if self.verbose:
                traceback.print_exc(file=self.out)
            return None
        self._line("ok", name, None)
        return found

    def _line(self, result, name, why):
        self.counts[result] += 1
        reason = "" if why is None else " | " + " ".join(str(why).split())[:300]
        print(f"{result:4}  {name}{reason}", file=self.out, flush=True)

    def summary(self):
        counts = self.counts
        return f"{counts['ok']} ok, {counts['FAIL']} failed, {counts['skip']} skipped"

    def failed(self):
        return self.counts["FAIL"] > 0


def want(condition, otherwise):
    if not condition:
        raise AssertionError(otherwise)
