"""The report of an audit: one page of HTML to be read, printed and kept, that needs nothing else.

No script, no address to load from, no clock: the same audit gives the same bytes.
"""

from node.report.page import page as page

__all__ = ["page"]
