"""The command line: it only renders what `nas.service` returns."""

import io
import sys


def main() -> None:
    """Run `nas`; a user's mistake is one message and exit code 2."""
    from typer import Abort

    from nas.cli.app import app
    from nas.cli.mistyped import UsageError, told
    from nas.errors import NasError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without Greek letters shows ? in their place
            stream.reconfigure(errors="replace")
    try:
        code = app(prog_name="nas", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error, file=sys.stderr)
            sys.exit(2)
        _fail(told(error, sys.argv[1:]), 2)
    except NasError as error:
        _fail(str(error), error.exit_code)
    except (Abort, KeyboardInterrupt):
        _fail("interrupted", 130)
    except BrokenPipeError:  # such as `nas trials X | head`
        _unheard()
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # Typer has caught it, and calls it a failure
            _unheard()
        raise
    except OSError as error:
        _fail(f"{error.strerror or error}: {error.filename}" if error.filename else str(error), 2)


def _unheard() -> None:
    """Who reads the output has seen enough."""
    from nas.cli.render import hush

    hush(sys.__stdout__ or sys.stdout)
    sys.exit(0)


def _fail(message: str, code: int) -> None:
    print(f"nas: {message}", file=sys.stderr)
    sys.exit(code)
