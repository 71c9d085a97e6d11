"""What is legal in a space but surely not meant."""

from nas.space.space import Space


def unused_parameters(space: Space) -> list[str]:
    """Parameters that neither network, input, rules nor recipe depend on: searching them is waste."""
    compiled = space.compiled
    reads = (
        {"_input_channels", "_input_size", "_input_classes"} | compiled.template.reads | compiled.rules.reads
    )
    for key, value in space.training.items():
        if isinstance(value, str) and value.startswith("="):
            reads |= compiled.table.compile(value[1:], compiled.scope, ("training", key)).reads
    found = compiled.table.sources(reads, stop=())
    return [name for name in space.parameters if name not in found]
