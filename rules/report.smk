# Figures and tables for `snakemake --report`. Tables are HTML pages, which the report embeds.


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
        step_log("report_data"),
    conda:
        ENVIRONMENT
    params:
        **step("report_data.py"),
    message:
        "Drawing the data"
    shell:
        "python {params.script:q} --summary {input:q} --table {output.table:q} --figures {output.figures:q}"
        " 2>&1 | tee {log:q}"


rule report_training:
    input:
        [f"{OUT}/history/{stage.key}.json" for stage in EXPERIMENT.trained_stages],
    output:
        report(
            f"{OUT}/report/training_curves.svg",
            category="2 Training",
            caption="captions/training_curves.rst",
            labels={"content": "losses and dev scores", "kind": "figure"},
        ),
    log:
        step_log("report_training"),
    conda:
        ENVIRONMENT
    params:
        **step("report_training.py"),
    message:
        "Drawing the training curves"
    shell:
        "python {params.script:q} --histories {input:q} --output {output:q} 2>&1 | tee {log:q}"


rule report_thresholds:
    input:
        f"{EXPERIMENT.model}/calibration.json",
    output:
        report(
            f"{OUT}/report/precision_recall.svg",
            category="3 Thresholds",
            caption="captions/precision_recall.rst",
            labels={"content": "precision and recall on dev", "kind": "figure"},
        ),
    log:
        step_log("report_thresholds"),
    conda:
        ENVIRONMENT
    params:
        **step("report_thresholds.py"),
    message:
        "Drawing precision and recall"
    shell:
        "python {params.script:q} --calibration {input:q} --output {output:q} 2>&1 | tee {log:q}"


rule report_results:
    input:
        metrics=expand(f"{OUT}/evaluation/{{test}}.metrics.json", test=EXPERIMENT.tests),
        before=EXPERIMENT.metrics_before(),
        hypotheses=expand(f"{OUT}/evaluation/{{test}}.hyp.tsv", test=EXPERIMENT.tests),
        references=[EXPERIMENT.test_data(test) for test in EXPERIMENT.tests],
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
        step_log("report_results"),
    conda:
        ENVIRONMENT
    params:
        **step("report_results.py", steps.report_results_settings(EXPERIMENT)),
    message:
        "Writing the tables of results"
    shell:
        "python {params.script:q} --settings {params.settings:q} --metrics {input.metrics:q}"
        " --before {input.before:q} --hypotheses {input.hypotheses:q} --references {input.references:q} --results {output.results:q}"
        " --examples {output.examples:q} 2>&1 | tee {log:q}"
