# What is read, into which splits and parts it goes, and what training takes of it.
def split_sources(split):
    """What a split is read from. Training data are two splits: pairs (train) and sentences that get errors (clean)."""
    if SAMPLE:
        name = {"clean": "train", "test_sample": "test"}.get(split, split)
        return [Source(f"{OUT}/data/sample/{name}.txt", CLEAN)]
    if split == "dev":
        return dev_sources(config)
    if split.startswith("test_"):
        return sources_of_tests(config)[split.removeprefix("test_")]
    return [
        source
        for source in training_sources(config)
        if (source.format == CLEAN) == (split == "clean")
    ]


TRAIN_SPLITS = (
    ["clean"] if SAMPLE else [s for s in ("train", "clean") if split_sources(s)]
)
SPLITS = [
    *TRAIN_SPLITS,
    *(["dev"] if HAS_DEV else []),
    *(f"test_{test}" for test in TESTS),
]


def is_clean(split):
    return all(source.format == CLEAN for source in split_sources(split))


def is_simplified(split):
    """Whether traditional characters of a split are turned into simplified ones."""
    return config["simplify"] == "all" or (
        config["simplify"] == "train" and split in TRAIN_SPLITS
    )


def raw_files(wildcards):
    """The files that a split is read from, both of A+B."""
    return parts_of(split_sources(wildcards.split))


def parts_of(sources):
    """The files of sources, both of A+B."""
    return [
        part
        for source in sources
        for part in (
            source.path.split("+") if not Path(source.path).exists() else [source.path]
        )
    ]


def sentences_of(wildcards):
    """Sentences of a part as they go into alignment: training pairs are cleaned; clean sentences got their errors."""
    if wildcards.part.startswith("train."):
        return f"{OUT}/data/filtered/train.parquet"
    if is_clean(wildcards.part):
        return gather.shards(
            f"{OUT}/data/corrupted/{wildcards.part}.{{scatteritem}}.parquet"
        )
    return f"{OUT}/data/normalized/{wildcards.part}.parquet"


def shard_of(wildcards):
    """Which of the sentences a part holds; the shards of clean sentences were cut when they got their errors."""
    return (
        wildcards.part.removeprefix("train.")
        if wildcards.part.startswith("train.")
        else "1-of-1"
    )


def parts_of_split(split):
    """What the pairs of a split are aligned and labelled in: training pairs in shards, dev and test sets as a whole."""
    return gather.shards("train.{scatteritem}") if split == "train" else [split]


def held_out_tables(wildcards):
    """Dev and test sentences, which are kept out of the training data."""
    splits = [split for split in SPLITS if split not in TRAIN_SPLITS]
    return (
        []
        if config["decontaminate"] == "none"
        else expand(f"{OUT}/data/normalized/{{split}}.parquet", split=splits)
    )


def training_data():
    """Files of the training data: labelled pairs, and clean sentences."""
    pairs = parts_of_split("train") if "train" in TRAIN_SPLITS else []
    clean = "clean" in TRAIN_SPLITS
    return {
        "train_data": [f"{OUT}/data/template/{part}.parquet" for part in pairs],
        "clean_data": f"{OUT}/data/filtered/clean.parquet" if clean else None,
    }


def training_files():
    """The files of ``training_data`` in one list."""
    files = training_data()
    return [*files["train_data"], *filter(None, [files["clean_data"]])]


def stage_data(stage):
    """What a stage trains on, and the files that its generated errors follow."""
    noise = stage_noise(config, stage) if "clean" in TRAIN_SPLITS else {}
    return [*training_files(), *noise_files(noise)]


def pretrained_files():
    """The files of an encoder that is a directory: other weights, another start."""
    folder = Path(config["pretrained_model"])
    names = ("config.json", "model.safetensors", "vocab.txt")
    return [str(folder / name) for name in names if (folder / name).is_file()]


def training_texts():
    """All training sentences: whose characters are known, and stand in for others in generated errors."""
    return expand(f"{OUT}/data/filtered/{{split}}.parquet", split=TRAIN_SPLITS)
