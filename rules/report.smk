# Figures and tables for `snakemake --report`. Tables are HTML, which the report shows in place.


rule report_data:
    input:
        f"{OUT}/data/summary.json",
    output:
        table=report(
            f"{OUT}/report/data_summary.html",
            category="1 Data",
            caption="captions/data_summary.rst",
            labels={"content": "what the data are", "kind": "table"},
        ),
        figures=report(
            f"{OUT}/report/data_figures.svg",
            category="1 Data",
            caption="captions/data_figures.rst",
            labels={"content": "lengths, edits, types", "kind": "figure"},
        ),
    log:
        f"{OUT}/logs/report_data.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=script("report_data.py"),
        code=code("report_data.py"),
    message:
        "Drawing the data"
    shell:
        "python {params.script:q} --summary {input:q} --table {output.table:q} --figures {output.figures:q}"
        " 2>&1 | tee {log:q}"


rule report_training:
    input:
        expand(f"{OUT}/history/{{stage}}.json", stage=TRAINED_STAGES),
    output:
        report(
            f"{OUT}/report/training_curves.svg",
            category="2 Training",
            caption="captions/training_curves.rst",
            labels={"content": "losses and dev scores", "kind": "figure"},
        ),
    log:
        f"{OUT}/logs/report_training.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=script("report_training.py"),
        code=code("report_training.py"),
    message:
        "Drawing the training curves"
    shell:
        "python {params.script:q} --histories {input:q} --output {output:q} 2>&1 | tee {log:q}"


rule report_thresholds:
    input:
        f"{MODEL}/calibration.json",
    output:
        report(
            f"{OUT}/report/precision_recall.svg",
            category="3 Thresholds",
            caption="captions/precision_recall.rst",
            labels={"content": "precision and recall on dev", "kind": "figure"},
        ),
    log:
        f"{OUT}/logs/report_thresholds.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=script("report_thresholds.py"),
        code=code("report_thresholds.py"),
    message:
        "Drawing precision and recall"
    shell:
        "python {params.script:q} --calibration {input:q} --output {output:q} 2>&1 | tee {log:q}"


rule report_results:
    input:
        metrics=expand(f"{OUT}/evaluation/{{test}}.metrics.json", test=TESTS),
        hypotheses=expand(f"{OUT}/evaluation/{{test}}.hyp.tsv", test=TESTS),
        references=expand(f"{OUT}/data/aligned/test_{{test}}.parquet", test=TESTS),
    output:
        results=report(
            f"{OUT}/report/results.html",
            category="4 Results",
            caption="captions/results.rst",
            labels={"content": "scores on the test sets", "kind": "table"},
        ),
        examples=report(
            f"{OUT}/report/examples.html",
            category="4 Results",
            caption="captions/examples.rst",
            labels={"content": "corrected sentences", "kind": "examples"},
        ),
    log:
        f"{OUT}/logs/report_results.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=script("report_results.py"),
        code=code("report_results.py"),
        calibrated="" if HAS_DEV else "--uncalibrated",
    message:
        "Writing the tables of results"
    shell:
        "python {params.script:q} --metrics {input.metrics:q} --hypotheses {input.hypotheses:q}"
        " --references {input.references:q} {params.calibrated} --results {output.results:q}"
        " --examples {output.examples:q} 2>&1 | tee {log:q}"
