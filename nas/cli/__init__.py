"""The command line: it only renders what `nas.service` returns."""

import io
import sys


def main() -> None:
    """Run `nas`; a user's mistake is one message and exit code 2."""
    from nas.cli.app import app
    from nas.errors import NasError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without Greek letters shows ? in their place
            stream.reconfigure(errors="replace")
    try:
        app()
    except NasError as error:
        _fail(str(error), error.exit_code)
    except BrokenPipeError:  # such as `nas trials X | head`
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.strerror or error}: {error.filename}" if error.filename else str(error), 2)


def _fail(message: str, code: int) -> None:
    print(f"nas: {message}", file=sys.stderr)
    sys.exit(code)
