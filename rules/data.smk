# From raw files to labelled pairs: download, sample, normalize, filter, corrupt, align, template, summary.


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
        ENVIRONMENT
    params:
        **step(
            "download.py",
            lambda wc: steps.download_settings(EXPERIMENT, wc.download),
        ),
        # Licence and mirror do not decide the content, so they are not compared.
        licence=lambda wc, output: named_download(
            wc.download, config["downloads"]
        ).licence,
        mirror=lambda wc, output: config["data_mirror"] or "",
    message:
        "Fetching {wildcards.download} (licence: {params.licence})"
    shell:
        "python {params.script:q} --settings {params.settings:q} --licence={params.licence:q}"
        " --mirror={params.mirror:q} --output {output:q} 2>&1 | tee {log:q}"


rule scoring_resources:
    output:
        f"downloads/cherrant/{CLASSES_FILE}",
        f"downloads/cherrant/{CONFUSION_FILE}",
    log:
        "downloads/logs/cherrant.log",
    conda:
        ENVIRONMENT
    params:
        directory=subpath(output[0], parent=True),
        mirror=lambda wc, output: (
            [f"--from={config['data_mirror']}"] if config["data_mirror"] else []
        ),
    message:
        "Fetching the thesaurus and the confusion sets of ChERRANT"
    shell:
        "python -m gaprelm resources {params.directory:q} {params.mirror:q} 2>&1 | tee {log:q}"


rule sample:
    output:
        train=f"{OUT}/data/sample/train.txt",
        dev=f"{OUT}/data/sample/dev.txt",
        test=f"{OUT}/data/sample/test.txt",
    log:
        step_log("sample"),
    conda:
        ENVIRONMENT
    params:
        **step("sample.py", steps.sample_settings(EXPERIMENT)),
    message:
        "Splitting the embedded sample"
    shell:
        "python {params.script:q} --settings {params.settings:q}"
        " --train {output.train:q} --dev {output.dev:q} --test {output.test:q} 2>&1 | tee {log:q}"


rule normalize:
    input:
        lambda wc: EXPERIMENT.raw_files(wc.split),
    output:
        table=EXPERIMENT.table("normalized", "{split}"),
        counts=EXPERIMENT.counts("normalized", "{split}"),
    log:
        step_log("normalize.{split}"),
    conda:
        ENVIRONMENT
    params:
        **step(
            "normalize.py",
            lambda wc: steps.normalize_settings(EXPERIMENT, wc.split),
            reads=lambda wc: EXPERIMENT.raw_files(wc.split),
        ),
    message:
        "Reading {wildcards.split}"
    shell:
        "python {params.script:q} --settings {params.settings:q}"
        " --output {output.table:q} --counts {output.counts:q} 2>&1 | tee {log:q}"


rule filter:
    input:
        table=EXPERIMENT.table("normalized", "{training}"),
        held_out=EXPERIMENT.held_out_tables(),
        lists=EXPERIMENT.list_files(),
    output:
        table=EXPERIMENT.table("filtered", "{training}"),
        counts=EXPERIMENT.counts("filtered", "{training}"),
    log:
        step_log("filter.{training}"),
    conda:
        ENVIRONMENT
    params:
        **step(
            "filter.py",
            lambda wc: steps.filter_settings(EXPERIMENT, wc.training),
            reads=EXPERIMENT.list_files(),
        ),
    message:
        "Cleaning {wildcards.training}"
    shell:
        "python {params.script:q} --settings {params.settings:q} --input {input.table:q}"
        " --held-out {input.held_out:q} --output {output.table:q} --counts {output.counts:q} 2>&1 | tee {log:q}"


rule corrupt:
    input:
        sentences=EXPERIMENT.table("normalized", "{split}"),
        characters=EXPERIMENT.training_texts(),
        files=noise_files(config["noise"]),
    output:
        EXPERIMENT.table("corrupted", "{split}.{scatteritem}"),
    log:
        step_log("corrupt.{split}.{scatteritem}"),
    conda:
        ENVIRONMENT
    params:
        **step(
            "corrupt.py",
            lambda wc: steps.corrupt_settings(EXPERIMENT, wc.split, wc.scatteritem),
            reads=noise_files(config["noise"]),
        ),
    message:
        "Generating errors in {wildcards.split}, {wildcards.scatteritem}"
    shell:
        "python {params.script:q} --settings {params.settings:q} --input {input.sentences:q}"
        " --characters {input.characters:q} --output {output:q} 2>&1 | tee {log:q}"


rule align:
    input:
        lambda wc: EXPERIMENT.sentences(wc.part),
    output:
        EXPERIMENT.table("aligned", "{part}"),
    log:
        step_log("align.{part}"),
    conda:
        ENVIRONMENT
    params:
        **step("align.py", lambda wc: steps.align_settings(EXPERIMENT, wc.part)),
    message:
        "Aligning {wildcards.part}"
    shell:
        "python {params.script:q} --settings {params.settings:q}"
        " --input {input:q} --output {output:q} 2>&1 | tee {log:q}"


rule template:
    input:
        EXPERIMENT.table("aligned", "{part}"),
    output:
        table=EXPERIMENT.table("template", "{part}"),
        counts=EXPERIMENT.counts("template", "{part}"),
    log:
        step_log("template.{part}"),
    conda:
        ENVIRONMENT
    params:
        **step("template.py", steps.template_settings(EXPERIMENT)),
    message:
        "Labelling {wildcards.part}"
    shell:
        "python {params.script:q} --settings {params.settings:q} --input {input:q}"
        " --output {output.table:q} --counts {output.counts:q} 2>&1 | tee {log:q}"


rule summary:
    input:
        EXPERIMENT.summarized_files(),
    output:
        f"{OUT}/data/summary.json",
    log:
        step_log("summary"),
    conda:
        ENVIRONMENT
    params:
        **step("summary.py", steps.summary_settings(EXPERIMENT)),
        data=subpath(output[0], parent=True),
    message:
        "Summing up the data"
    shell:
        "python {params.script:q} --settings {params.settings:q}"
        " --data {params.data:q} --output {output:q} 2>&1 | tee {log:q}"
