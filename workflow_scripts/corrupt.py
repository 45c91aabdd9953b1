"""Put generated errors into clean sentences, once: for dev and test."""

import json
import logging
from pathlib import Path

from arguments import parser, script

from gaprelm.data.tables import NORMALIZED, read_sentences, read_texts, write_table
from gaprelm.noise.confusion import SoundConfusions
from gaprelm.noise.corruption import Corruptor, NoiseSettings


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--input", type=Path, required=True)
    options.add_argument(
        "--characters", type=Path, nargs="+", required=True, help="tables whose characters may stand in for others"
    )
    options.add_argument("--noise", type=json.loads, required=True)
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--split", required=True)
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    confusions = SoundConfusions(text for path in args.characters for text in read_texts(path))
    corruptor = Corruptor(NoiseSettings(**args.noise), confusions, args.seed)
    rows = []
    for index, sentence in enumerate(read_sentences(args.input)):
        source = corruptor.corrupt(sentence.source, f"{args.split}/frozen/{index}")
        rows.append(sentence._replace(source=source, targets=[sentence.source])._asdict())
    write_table(args.output, rows, NORMALIZED)
    changed = sum(row["source"] != row["targets"][0] for row in rows)
    logging.info("%s: errors in %d of %d sentences", args.output, changed, len(rows))


script(main)
