"""Write the embedded sample as clean text, split by sentence."""

import logging
from pathlib import Path

from arguments import parser, script

from gaprelm.data.sample import ATTRIBUTION, split_sample
from gaprelm.textio import write_text


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--dev-share", type=float, required=True)
    options.add_argument("--test-share", type=float, required=True)
    options.add_argument("--limit", type=int)
    options.add_argument("--seed", type=int, required=True)
    for split in ("train", "dev", "test"):
        options.add_argument(f"--{split}", type=Path, required=True)
    args = options.parse_args()
    logging.info("embedded sample: %s", ATTRIBUTION)
    for split, sentences in split_sample(args.dev_share, args.test_share, args.seed, args.limit).items():
        write_text(getattr(args, split), "".join(f"{sentence}\n" for sentence in sentences))
        logging.info("%s: %d sentences", split, len(sentences))


script(main)
