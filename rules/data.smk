# Raw files to labelled pairs: download, sample, normalize, corrupt, align, template, summary.

from gaprelm.data.published import named_download


localrules:
    clean_work,
    download,
    scoring_resources,


rule download:
    output:
        "downloads/{download}",
    log:
        "downloads/logs/{download}.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=script("download.py"),
        source=lambda wc: named_download(wc.download, config["downloads"]).url,
        sha256=lambda wc: named_download(wc.download, config["downloads"]).sha256,
        licence=lambda wc, output: named_download(
            wc.download, config["downloads"]
        ).licence,
        mirror=mirror_option("--mirror"),
    message:
        "Fetching {wildcards.download} (licence: {params.licence})"
    shell:
        "python {params.script:q} --url {params.source:q} --sha256 {params.sha256} --licence {params.licence:q}"
        " {params.mirror} --output {output:q} 2>&1 | tee {log:q}"


rule scoring_resources:
    output:
        f"downloads/cherrant/{CLASSES_FILE}",
        f"downloads/cherrant/{CONFUSION_FILE}",
    log:
        "downloads/logs/cherrant.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        directory=subpath(output[0], parent=True),
        mirror=mirror_option("--from"),
    message:
        "Fetching the thesaurus and the confusion sets of ChERRANT"
    shell:
        "python -m gaprelm resources {params.directory:q} {params.mirror} 2>&1 | tee {log:q}"


rule sample:
    output:
        train=f"{OUT}/data/sample/train.txt",
        dev=f"{OUT}/data/sample/dev.txt",
        test=f"{OUT}/data/sample/test.txt",
    log:
        f"{OUT}/logs/sample.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=script("sample.py"),
        settings=as_json(
            {
                "sample": config["sample"],
                "seed": config["seed"],
                "code": code("sample.py"),
            }
        ),
        options=" ".join(
            f"--{key.replace('_', '-')} {value}"
            for key, value in config["sample"].items()
            if value is not None
        ),
        seed=config["seed"],
    message:
        "Splitting the embedded sample"
    shell:
        "python {params.script:q} {params.options} --seed {params.seed}"
        " --train {output.train:q} --dev {output.dev:q} --test {output.test:q} 2>&1 | tee {log:q}"


rule normalize:
    input:
        raw_files,
    output:
        table=f"{OUT}/data/normalized/{{split}}.parquet",
        counts=f"{OUT}/data/normalized/{{split}}.json",
    log:
        f"{OUT}/logs/normalize.{{split}}.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=script("normalize.py"),
        settings=lambda wc: as_json(
            {
                "sources": [source.as_dict() for source in split_sources(wc.split)],
                "on_bad_record": config["on_bad_record"],
                "simplify": is_simplified(wc.split),
                "code": code("normalize.py"),
            }
        ),
        sources=lambda wc: as_json(
            [source.as_dict() for source in split_sources(wc.split)]
        ),
        on_bad_record=config["on_bad_record"],
        clean=lambda wc: "--clean" if wc.split in TRAIN_SPLITS else "",
        simplify=lambda wc: "--simplify" if is_simplified(wc.split) else "",
    message:
        "Reading {wildcards.split}"
    shell:
        "python {params.script:q} --sources {params.sources:q}"
        " --on-bad-record {params.on_bad_record} {params.clean} {params.simplify}"
        " --output {output.table:q} --counts {output.counts:q} 2>&1 | tee {log:q}"


rule filter:
    input:
        table=f"{OUT}/data/normalized/{{training}}.parquet",
        held_out=held_out_tables,
        lists=parts_of(lists_to_keep_out(config)),
    output:
        table=f"{OUT}/data/filtered/{{training}}.parquet",
        counts=f"{OUT}/data/filtered/{{training}}.json",
    log:
        f"{OUT}/logs/filter.{{training}}.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=script("filter.py"),
        code=code("filter.py"),
        settings=as_json(
            {
                key: config[key]
                for key in (
                    "drop_duplicates",
                    "near_duplicates",
                    "max_changed_share",
                    "identical_share",
                    "seed",
                )
            }
        ),
        decontaminate=config["decontaminate"],
        simplify=config["simplify"],
        lists=as_json([source.as_dict() for source in lists_to_keep_out(config)]),
        clean_text=lambda wc: "--clean-text" if wc.training == "clean" else "",
    message:
        "Cleaning {wildcards.training}"
    shell:
        "python {params.script:q} --input {input.table:q} --settings {params.settings:q}"
        " --decontaminate {params.decontaminate} --held-out {input.held_out:q} --lists {params.lists:q}"
        " --simplify {params.simplify} {params.clean_text} --output {output.table:q} --counts {output.counts:q} 2>&1 | tee {log:q}"


rule corrupt:
    input:
        sentences=f"{OUT}/data/normalized/{{split}}.parquet",
        characters=training_texts(),
        files=noise_files(config["noise"]),
    output:
        f"{OUT}/data/corrupted/{{split}}.{{scatteritem}}.parquet",
    log:
        f"{OUT}/logs/corrupt.{{split}}.{{scatteritem}}.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=script("corrupt.py"),
        settings=as_json(
            {
                "noise": config["noise"],
                "seed": config["seed"],
                "code": code("corrupt.py"),
            }
        ),
        noise=as_json(config["noise"]),
        seed=config["seed"],
    message:
        "Generating errors in {wildcards.split}, {wildcards.scatteritem}"
    shell:
        "python {params.script:q} --input {input.sentences:q} --characters {input.characters:q}"
        " --noise {params.noise:q} --seed {params.seed} --split {wildcards.split}"
        " --shard {wildcards.scatteritem} --output {output:q} 2>&1 | tee {log:q}"


rule align:
    input:
        sentences_of,
    output:
        f"{OUT}/data/aligned/{{part}}.parquet",
    log:
        f"{OUT}/logs/align.{{part}}.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=script("align.py"),
        code=code("align.py"),
        shard=shard_of,
    message:
        "Aligning {wildcards.part}"
    shell:
        "python {params.script:q} --input {input:q} --shard {params.shard} --output {output:q} 2>&1 | tee {log:q}"


rule template:
    input:
        f"{OUT}/data/aligned/{{part}}.parquet",
    output:
        table=f"{OUT}/data/template/{{part}}.parquet",
        counts=f"{OUT}/data/template/{{part}}.json",
    log:
        f"{OUT}/logs/template.{{part}}.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=script("template.py"),
        settings=as_json(
            {
                "max_insert_num": config["max_insert_num"],
                "max_seq_length": config["max_seq_length"],
                "code": code("template.py"),
            }
        ),
        max_insert_num=config["max_insert_num"],
        max_seq_length=config["max_seq_length"],
    message:
        "Labelling {wildcards.part}"
    shell:
        "python {params.script:q} --input {input:q} --max-insert-num {params.max_insert_num}"
        " --max-seq-length {params.max_seq_length} --output {output.table:q} --counts {output.counts:q} 2>&1 | tee {log:q}"


rule summary:
    input:
        expand(f"{OUT}/data/normalized/{{split}}.json", split=SPLITS),
        expand(f"{OUT}/data/filtered/{{split}}.json", split=TRAIN_SPLITS),
        [
            f"{OUT}/data/filtered/clean.parquet"
            for split in TRAIN_SPLITS
            if split == "clean"
        ],
        [
            f"{OUT}/data/{table}"
            for split in SPLITS
            if split != "clean"
            for part in parts_of_split(split)
            for table in (f"aligned/{part}.parquet", f"template/{part}.json")
        ],
    output:
        f"{OUT}/data/summary.json",
    log:
        f"{OUT}/logs/summary.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=script("summary.py"),
        code=code("summary.py"),
        splits=as_json(
            {
                split: parts_of_split(split) if split != "clean" else []
                for split in SPLITS
            }
        ),
        online="--online clean" if "clean" in TRAIN_SPLITS else "",
        cleaned=TRAIN_SPLITS,
        max_insert_num=config["max_insert_num"],
        max_seq_length=config["max_seq_length"],
        data=subpath(output[0], parent=True),
    message:
        "Summing up the data"
    shell:
        "python {params.script:q} --splits {params.splits:q} {params.online} --cleaned {params.cleaned} --data {params.data:q}"
        " --max-insert-num {params.max_insert_num} --max-seq-length {params.max_seq_length}"
        " --output {output:q} 2>&1 | tee {log:q}"
