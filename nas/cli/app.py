"""The root of all commands."""

import typer

from nas.cli import bench, cost, doctor, pareto, search, spaces, store, studies

app = typer.Typer(
    name="nas",
    help="Search over neural-network design spaces. Begin with: nas search efficientnet-scaling",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("search")(search.search)
app.command("resume")(search.resume)
app.command("pause")(studies.pause)
app.command("stop")(studies.stop)
app.command("cancel")(studies.cancel)
app.command("studies")(studies.studies)
app.command("show")(studies.show)
app.command("trials")(studies.trials)
app.command("trial")(studies.trial)
app.command("best")(studies.best)
app.command("pareto")(pareto.pareto)
app.add_typer(spaces.app, name="space")
app.add_typer(store.app, name="store")
app.command("cost")(cost.cost)
app.command("bench")(bench.bench)
app.command("doctor")(doctor.doctor)
