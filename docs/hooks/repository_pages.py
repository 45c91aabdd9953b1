"""Pages of the site that lie outside ``docs/``, and links to them.

README, CONTRIBUTING, CHANGELOG and config.yaml stand at the top of the repository, where readers of a repository look
for them; the card of the small model stands beside it. The site shows the same files, so nothing is written twice. A
link in any page is written as it holds in the repository (``../../config.yaml``, ``docs/use/using.md``); here it
becomes the link that holds in the site.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

# File of the repository -> page of the site.
PAGES = {
    "README.md": "readme.md",
    "README.zh-CN.md": "readme.zh-CN.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "config.yaml": "configuration.md",
    "gaprelm/model/small/README.md": "use/model.md",
}
_REPOSITORY_FILE = {page: file for file, page in PAGES.items()}
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)\s#]+)")
# An example file of formats.md: its format and its name.
_EXAMPLE = re.compile(r"^```text \S+ (\S+)$", re.MULTILINE)


def on_files(files: Files, config: Any) -> Files:
    """Add the pages."""
    root = Path(config.config_file_path).parent
    for name, page in PAGES.items():
        text = (root / name).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=_as_page(name, text)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Rewrite the links of a page from places in the repository to places in the site, and give examples a title."""
    markdown = _EXAMPLE.sub(r'```text title="\1"', markdown)
    place = page.file.src_uri
    file = _REPOSITORY_FILE.get(place, f"docs/{place}")
    return _LINK.sub(lambda link: _in_site(link[1], posixpath.dirname(file), posixpath.dirname(place)), markdown)


def _as_page(name: str, text: str) -> str:
    if name.endswith(".md"):
        return text
    return f"# {name}\n\nEvery key with its default and its meaning.\n\n```yaml\n{text}```\n"


def _in_site(link: str, folder: str, site_folder: str) -> str:
    """``link``, from a file in ``folder`` of the repository, as it holds in ``site_folder`` of the site.

    What is no page stays as it is, and MkDocs reports it as a dead link.
    """
    target = posixpath.normpath(posixpath.join(folder, link))
    page = PAGES.get(target, target.removeprefix("docs/") if target.startswith("docs/") else None)
    return link if page is None else posixpath.relpath(page, site_folder or ".")
