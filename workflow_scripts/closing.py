"""Say where the model and the report are, and show three sentences of the test set that the model changed."""

import sys
from pathlib import Path

from arguments import parser, read_json, script

from gaprelm.data.tables import read_hypotheses, read_scored_sentences
from gaprelm.stages import FINAL_STAGE


def scores(path: Path) -> str:
    """P, R and F0.5 over all edits, and the share of correct sentences that were changed, from a file of metrics."""
    metrics = read_json(path)
    edits = metrics["edits"]
    named = (("P", "precision"), ("R", "recall"), ("F0.5", "f0.5"))
    touched = (metrics["sentences"] or {}).get("false_positive_rate")
    return " ".join(f"{name} {edits[key]:.3f}" for name, key in named) + (
        "" if touched is None else f", {touched:.1%} of the correct sentences changed"
    )


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--experiment", type=Path, required=True)
    folder = options.parse_args().experiment
    lines = [f"Model:  {folder}/{FINAL_STAGE.directory}", f"Report: {folder}/report.html"]
    for path in sorted((folder / "evaluation").glob("*.metrics.json")):
        test = path.name.removesuffix(".metrics.json")
        before = path.parent / "before" / path.name
        if before.is_file():
            lines.append(f"Test set {test}, before training: {scores(before)}")
        lines.append(f"Test set {test}: {scores(path)}")
        sentences = read_scored_sentences(folder / "data" / "aligned" / f"test_{test}.parquet")
        hypotheses = read_hypotheses(path.with_name(f"{test}.hyp.tsv"))
        changed = [(s, h) for s, h in zip(sentences, hypotheses, strict=True) if h != s.source][:3]
        for sentence, hypothesis in changed:
            verdict = "right" if hypothesis in sentence.references else f"should be {sentence.references[0]}"
            lines.append(f"  {sentence.source} → {hypothesis}  ({verdict})")
    sys.stdout.write("\n" + "\n".join(lines) + "\n")


script(main)
