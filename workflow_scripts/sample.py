"""Write the embedded sample as clean text, split by sentence."""

import logging
from pathlib import Path

from arguments import script, step_parser

from gaprelm.data.sample import ATTRIBUTION, split_sample
from gaprelm.textio import write_text


def main() -> None:
    options = step_parser(__doc__)
    for split in ("train", "dev", "test"):
        options.add_argument(f"--{split}", type=Path, required=True)
    args = options.parse_args()
    logging.info("embedded sample: %s", ATTRIBUTION)
    for split, sentences in split_sample(**args.settings).items():
        write_text(getattr(args, split), "".join(f"{sentence}\n" for sentence in sentences))
        logging.info("%s: %d sentences", split, len(sentences))


script(main)
