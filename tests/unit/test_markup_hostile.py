"""What is tried against sites that take Markdown, and that nothing of it lives."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from lxml import html

from feedsvc import markup

# By the shapes that filter-evasion lists name: raw tags, broken tags, handlers, schemes in every
# spelling, links and pictures of Markdown, other namespaces, and what parsers mend in odd ways.
TRIED = (
    "<script>x()</script>", "<ScRiPt src=//evil.example></sCrIpT>", "<script/x>x()</script>",
    "<<script>x()//<</script>", "<scr<script>ipt>x()</scr</script>ipt>", "<script\x00>x()</script>",
    "<img src=x onerror=x()>", "<img src=`x`onerror=x()>", '<img """><script>x()</script>">',
    "<svg onload=x()>", "<svg><script>x()</script></svg>", "<svg><animate onbegin=x() attributeName=x>",
    "<math><mtext><table><mglyph><style><img src=x onerror=x()>", "<math href=javascript:x()>x</math>",
    "<noscript><p title='</noscript><img src=x onerror=x()>'>", "<form><button formaction=javascript:x()>",
    "<iframe srcdoc='<script>x()</script>'>", "<object data=javascript:x()>", "<embed src=//evil.example>",
    "<base href=//evil.example>", "<meta http-equiv=refresh content='0;url=javascript:x()'>",
    "<link rel=stylesheet href=//evil.example>", "<style>@import '//evil.example'</style>",
    "<details open ontoggle=x()>", "<body onload=x()>", "<input autofocus onfocus=x()>",
    "<a href=javascript:x()>a</a>", "<p style='background:url(javascript:x())'>", "<!--><script>x()</script>",
    "<![CDATA[<script>x()</script>]]>", "<?xml-stylesheet href='javascript:x()'?>", "&lt;script&gt;x()",
    "[a](javascript:x())", "[a](JaVaScRiPt:x())", "[a](java\tscript:x())", "[a](java&#10;script:x())",
    "[a](&#106;avascript:x())", "[a](&#x6A&#x61vascript:x())", "[a](javascript&colon;x())",
    "[a](\x01javascript:x())", "[a]( javascript:x())", "[a](<javascript:x()>)", "[a](vbscript:x())",
    "[a](data:text/html;base64,PHNjcmlwdD4=)", "[a](data:image/svg+xml,<svg onload=x()>)",
    "[a](file:///etc/passwd)", "[a](blob:x)", "[a](feed:javascript:x())", "[a](view-source:x)",
    "<javascript:x()>", "<data:text/html,x>", "[a]: javascript:x()\n\n[a]", "![a](javascript:x())",
    "![a](https://evil.example/pixel.png)", "![a](x 'y\" onerror=\"x()')", "[a](x 'y\" onclick=\"x()')",
    "[a](x\" onclick=\"x() 'y')", "[a\" onclick=\"x()](x)", "[![a](x)](javascript:x())",
    "| a |\n|---|\n| <img src=x onerror=x()> |", "```html\" onclick=\"x()\n<script>x()</script>\n```",
    "# <script>x()</script>", "> <svg onload=x()>", "1. [a](javascript:x())", "`<script>x()</script>`",
)  # fmt: skip


@pytest.mark.parametrize("tried", TRIED)
def test_nothing_of_it_lives(tried: str) -> None:
    for text in (tried, f"before {tried} after", f"[x]({tried})", f"*{tried}*\n\n{tried}"):
        made = markup.html(text)
        for element in html.fragment_fromstring(made, create_parent="div").iterdescendants():
            assert element.tag in markup.ALLOWED_TAGS, made
            assert set(element.attrib) <= {"href", "title", "rel"}, made
            if "href" in element.attrib:
                assert element.get("rel") == "noopener"
                scheme = urlsplit(element.get("href").strip()).scheme
                assert scheme in ("", *markup.ALLOWED_SCHEMES), made
