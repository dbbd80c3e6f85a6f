"""Results that print themselves: as text where they are shown by `print`, as the same page in a notebook."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.console import RenderableType

PAGE: Final = 100  # characters of a line where there is no terminal


class Printed:
    """Results with a page; a class of them says in `_page` what stands on it."""

    def _page(self) -> RenderableType:
        """Return the page that the command line prints."""
        raise NotImplementedError

    def __str__(self) -> str:
        """Return the page that the command line prints."""
        return str(self._console().export_text()).rstrip()

    def _repr_html_(self) -> str:
        """Return the same page for a notebook."""
        form = "<pre style='white-space: pre; line-height: normal'><code>{code}</code></pre>"
        return str(self._console().export_html(inline_styles=True, code_format=form))

    def _console(self) -> Any:
        from rich.console import Console

        console = Console(record=True, width=PAGE, file=io.StringIO(), force_jupyter=False)
        console.print(self._page(), highlight=False)
        return console
