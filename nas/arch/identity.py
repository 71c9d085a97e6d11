"""`arch_id`: a hash of what a network computes, so that points that mean one network are one.

A closed node becomes a `Form`: the irreducible steps that it does, in order. On the way identities
disappear, edges that carry only zeros are cut (a zero passes a bias-free convolution, a pool or a
ReLU, never a norm, whose shift revives it), and the branches of a sum are put in one order. Where
values are named and used twice, the steps form a graph (`nas.arch.sharing`), in which what is
shared stays shared. Equal ids therefore mean equal functions.
"""

from nas.arch.forms import Form, Step, after, concat_form, digest, step_of, sum_form
from nas.arch.graph import Aux, Concat, Gate, Node, Sequence, Sum
from nas.arch.primitive import Primitive
from nas.arch.shape import Input
from nas.arch.sharing import shared_form


def arch_id(root: Node, given: Input) -> str:
    """The identity of the network `root` for `given` input: 20 hexadecimal digits."""
    return digest(f"{given.channels}x{given.size}->{given.classes}:{form_of(root).text()}")


def form_of(node: Node) -> Form:
    """The form of a node that reads no named value from outside; kept in its memo."""
    found: Form | None = node.memo.get("form")
    if found is None:
        found = node.memo["form"] = _form(node)
    return found


def _form(node: Node) -> Form:
    if isinstance(node, Primitive):
        return _layer(node)
    if isinstance(node, Sequence):
        if node.marked or any(child.free for child in node.children):
            return shared_form(node, form_of)
        form = Form()
        for child in node.children:
            form = after(form, form_of(child))
        return form
    branches = [form_of(child) for child in node.children]  # type: ignore[attr-defined]
    if isinstance(node, Sum):
        return sum_form(branches, node.output)
    if isinstance(node, Concat):
        return concat_form(branches, node.output)
    if isinstance(node, Gate):
        if branches[0].is_zero:
            return Form((), node.output)
        return Form((step_of("gate", [Form(), *branches], True),))
    assert isinstance(node, Aux), type(node)
    return Form((step_of("aux", branches, False),))


def _layer(layer: Primitive) -> Form:
    if layer.kind == "zero":
        return Form((), layer.output)
    if layer.does_nothing:
        return Form()
    price = layer.local()
    pure = price.params == 0 and not price.random
    step = Step(
        str(layer.torch()),
        price.keeps_zero,
        pure=pure,
        linear=pure and price.linear,
        pointwise=price.pointwise,
        levels=price.levels and layer.input == layer.output,
    )
    return Form((step,))
