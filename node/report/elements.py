"""The elements of a page. Every text and attribute goes in here, and nowhere else into HTML.

Elements are built as a tree and written by the standard library, which escapes; so no text from the
chain can become markup, and what could steer or reorder the page is made visible.
"""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, tostring

from node.output import one_line

Child = Element | str | int


def element(tag: str, *children: Child, **attributes: object) -> Element:
    """An element; a last underscore of `class_` and `id_` is dropped, others become hyphens."""
    made = Element(
        tag,
        {
            name.removesuffix("_").replace("_", "-"): one_line(str(value))
            for name, value in attributes.items()
        },
    )
    last: Element | None = None
    for child in children:
        if isinstance(child, Element):
            made.append(child)
            last = child
        elif last is None:
            made.text = (made.text or "") + one_line(str(child))
        else:
            last.tail = (last.tail or "") + one_line(str(child))
    return made


def name(text: str) -> Element:
    """A name from the chain: its direction of writing does not reach what stands beside it."""
    return element("bdi", text)


def paragraph(*children: Child, **attributes: object) -> Element:
    """A paragraph."""
    return element("p", *children, **attributes)


def bullets(items: Iterable[str]) -> Element:
    """A list without an order."""
    return element("ul", *(element("li", each) for each in items))


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[Child]],
    *,
    numbers: Sequence[int] = (),
    long: Sequence[int] = (),
    moments: Sequence[int] = (),
) -> Element:
    """A table in a box of its own, which may scroll; the first cell of a row is its head.

    `numbers` are columns written to the right, `long` those whose words may break anywhere,
    `moments` those that stay on one line.
    """
    places = {"number": numbers, "long": long, "moment": moments}
    kinds = {place: kind for kind, columns in places.items() for place in columns}

    def cell(tag: str, place: int, value: Child, **attributes: object) -> Element:
        kind = {"class_": kinds[place]} if place in kinds else {}
        return element(tag, value, **attributes, **kind)

    head = (cell("th", place, each, scope="col") for place, each in enumerate(heads))
    body = (
        element(
            "tr",
            cell("th", 0, first, scope="row"),
            *(cell("td", place, value) for place, value in enumerate(rest, 1)),
        )
        for first, *rest in rows
    )
    made = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *head)),
        element("tbody", *body),
    )
    # Whoever has no mouse must be able to reach a box that scrolls, and hear what it is.
    return element("div", made, class_="table", role="group", aria_label=caption, tabindex=0)


def written(page: Element) -> str:
    """The page as HTML, each block on a line of its own."""
    for each in page.iter():
        if each.tag not in _WITHIN_A_LINE and not each.tail:
            each.tail = "\n"
    return "<!doctype html>\n" + tostring(page, encoding="unicode", method="html")


_WITHIN_A_LINE = frozenset({"a", "bdi", "strong", "td", "th"})
