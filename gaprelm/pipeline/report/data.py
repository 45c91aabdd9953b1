"""The data of an experiment as a table and as figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gaprelm.edits.edit import EDIT_TYPES
from gaprelm.pipeline.report.figures import new_figure, save
from gaprelm.pipeline.report.html import note, page, table

Summary = dict[str, dict[str, Any]]


def data_page(summary: Summary) -> str:
    """What each split holds, and what was left out."""
    counts, cut, lost, problems = [], [], [], []
    for split, parts in summary.items():
        normalized, aligned, template = (parts.get(name, {}) for name in ("normalized", "aligned", "template"))
        types = aligned.get("edit_types", {})
        counts.append(
            [
                split,
                ", ".join(sorted({source["format"] for source in normalized["sources"]})),
                normalized["sentences"],
                parts.get("errors", _changed(aligned)),
                aligned.get("pairs", "–"),
                template.get("pairs", "–"),
                *(types.get(name, "–") for name in EDIT_TYPES),
            ]
        )
        filtered = parts.get("filtered", {})
        if filtered.get("cut", {}).get("sentences"):
            cut.append([split, filtered["cut"]["sentences"], filtered["cut"]["pieces"]])
        reasons = {**normalized["left_out"], **filtered.get("left_out", {}), **template.get("left_out", {})}
        reasons |= {f"of these in {name}": n for name, n in filtered.get("left_out_by_held_out_set", {}).items()}
        reasons["bad record"] = normalized["bad_records"]
        lost += [[split, reason, number] for reason, number in reasons.items() if number]
        problems += [[split, text] for text in normalized["bad_records_shown"][:20]]
    header = ["split", "format", "sentences", "with error", "pairs", "pairs that fit", *EDIT_TYPES]
    body = [table("Sentences, pairs and edits", header, counts)]
    if cut:
        body.append(table("Too long, so cut at sentence ends", ["split", "sentences", "pieces"], cut))
    body.append(table("Left out", ["split", "reason", "number"], lost) if lost else note("Nothing was left out."))
    if problems:
        body.append(table("Bad records (the first 20 a split)", ["split", "problem"], problems))
    return page("Data", body)


def _changed(aligned: dict[str, Any]) -> int | str:
    if not aligned:
        return "–"
    return aligned["pairs"] - aligned["edits_per_pair"].get("0", 0)


def draw_data(summary: Summary, path: Path) -> None:
    """Three panels: source lengths, edits per pair, types of edits."""
    figure, axes = new_figure(1, 3, width=13, height=3.6)
    lengths, edits, types = axes[0]
    shown = {split: parts["aligned"] for split, parts in summary.items() if "aligned" in parts}
    for split, aligned in shown.items():
        total = max(aligned["pairs"], 1)
        for axis, key in ((lengths, "lengths"), (edits, "edits_per_pair")):
            values = {int(k): v / total for k, v in aligned[key].items()}
            axis.plot(list(values), list(values.values()), marker="o", markersize=3, label=split)
        names = list(aligned["edit_types"])
        numbers = [aligned["edit_types"][name] for name in names]
        share = [number / max(sum(numbers), 1) for number in numbers]
        offset = list(shown).index(split) / (len(shown) + 1)
        types.bar([i + offset for i in range(len(names))], share, width=1 / (len(shown) + 1), label=split)
        types.set_xticks([i + 0.3 for i in range(len(names))], names)
    for axis, title in ((lengths, "characters in the source"), (edits, "edits per pair"), (types, "types of edits")):
        axis.set_title(title)
        axis.set_ylabel("share")
        if shown:
            axis.legend(fontsize=8)
    save(figure, path)
