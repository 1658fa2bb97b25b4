"""What of a web page is its text, and what belongs to the site around it."""

import re

from lxml import etree

TAGS = {"nav", "header", "footer", "aside", "figcaption", "caption"}
_ROLES = {"navigation", "banner", "contentinfo", "complementary", "dialog", "search"}
# Words of the class names and ids sites give to what surrounds a text. Words that name subjects
# too (« social », « partage ») or layouts (« widget ») count only as whole names.
_WORDS = {
    "ariane", "breadcrumb", "breadcrumbs", "cookie", "cookies", "footer", "masthead", "menu",
    "meta", "modal", "nav", "navbar", "navigation", "newsletter", "pagination", "popup", "related",
    "respond", "rgpd", "sharedaddy", "sharing", "sidebar", "skip", "toc", "toolbar", "topbar",
}  # fmt: skip
_NAMES = {
    "bloc-partage", "boutons-partage", "global-header", "header-site", "main-header", "page-header",
    "partage", "reseaux-sociaux", "share", "share-buttons", "site-header", "social", "social-links",
    "social-share", "socials", "widget-area",
}  # fmt: skip
_MOST = 0.4  # share of a page's text above which a part is no surrounding, whatever its name


def content_root(body: etree._Element) -> etree._Element:
    """Return the element that holds a page's text: its one article, else its main part."""
    articles = [
        a for a in body.iter("article") if next(a.iterancestors("aside", "nav"), None) is None
    ]
    if len(articles) == 1:
        return articles[0]
    mains = [e for e in body.iter() if isinstance(e.tag, str)
             and (e.tag == "main" or e.get("role") == "main")]  # fmt: skip
    return mains[0] if mains else body


def surroundings(body: etree._Element) -> frozenset[etree._Element]:
    """Return the parts of a page whose names say menu, cookies, share buttons or comments.

    A part that holds a title or most of the text is none, whatever its name (`has-sidebar`).
    """
    total = len("".join(body.itertext()))
    found = []
    for element in body.iterdescendants("div", "section", "ul", "ol", "p", "span"):
        names = f"{element.get('class') or ''} {element.get('id') or ''}".lower().split()
        words = {word for name in names for word in re.split(r"[-_]+", name)}
        if not (words & _WORDS or set(names) & _NAMES):
            continue
        size = len("".join(element.itertext()))
        if size < _MOST * total and element.find(".//h1") is None:
            found.append(element)
    return frozenset(found)


def is_furniture(element: etree._Element) -> bool:
    """Tell an element whose tag, role or title says that it is no part of the text."""
    if element.get("title") in ("header", "footer"):  # how LibreOffice saves running ones
        return True
    if element.get("hidden") is not None or element.get("role") in _ROLES:
        return True
    if element.tag == "header":
        return next(element.iterancestors("article", "main"), None) is None
    return element.tag in TAGS or "toc" in (element.get("class") or "").split()
