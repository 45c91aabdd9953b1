# Thresholds on dev, scores on the test sets.


rule calibrate:
    input:
        EXPERIMENT.checkpoint(EXPERIMENT.model),
        dev=EXPERIMENT.dev_data.values(),
        scoring=EXPERIMENT.scoring_files(),
    output:
        f"{EXPERIMENT.model}/calibration.json",
    log:
        step_log("calibrate"),
    conda:
        ENVIRONMENT
    threads: max_threads()
    params:
        **step(
            "calibrate.py",
            steps.calibrate_settings(EXPERIMENT),
            reads=EXPERIMENT.scoring_files(),
        ),
        model=subpath(input[0], parent=True),
    message:
        "Choosing thresholds"
    shell:
        "python {params.script:q} --settings {params.settings:q} --model {params.model:q}"
        " --dev {input.dev:q} --output {output:q} 2>&1 | tee {log:q}"


# What the model scored before it was trained on, where it corrects already.
rule evaluate_before:
    input:
        EXPERIMENT.corrector_files(),
        test=EXPERIMENT.test_data("{test}"),
        scoring=EXPERIMENT.scoring_files(),
    output:
        hypotheses=f"{OUT}/evaluation/before/{{test}}.hyp.tsv",
        metrics=f"{OUT}/evaluation/before/{{test}}.metrics.json",
    log:
        step_log("evaluate_before.{test}"),
    conda:
        ENVIRONMENT
    threads: max_threads()
    params:
        **step(
            "evaluate.py",
            steps.evaluate_settings(EXPERIMENT),
            reads=EXPERIMENT.corrector_files() + EXPERIMENT.scoring_files(),
        ),
        model=lambda wildcards: EXPERIMENT.pretrained,
    message:
        "Scoring {wildcards.test} before training"
    shell:
        "python {params.script:q} --settings {params.settings:q} --model {params.model:q} --test {input.test:q}"
        " --hypotheses {output.hypotheses:q} --metrics {output.metrics:q} 2>&1 | tee {log:q}"


rule evaluate:
    input:
        EXPERIMENT.checkpoint(EXPERIMENT.model),
        f"{EXPERIMENT.model}/calibration.json",
        test=EXPERIMENT.test_data("{test}"),
        scoring=EXPERIMENT.scoring_files(),
    output:
        hypotheses=f"{OUT}/evaluation/{{test}}.hyp.tsv",
        metrics=f"{OUT}/evaluation/{{test}}.metrics.json",
    log:
        step_log("evaluate.{test}"),
    conda:
        ENVIRONMENT
    threads: max_threads()
    params:
        **step(
            "evaluate.py",
            steps.evaluate_settings(EXPERIMENT),
            reads=EXPERIMENT.scoring_files(),
        ),
        model=subpath(input[0], parent=True),
    message:
        "Scoring {wildcards.test}"
    shell:
        "python {params.script:q} --settings {params.settings:q} --model {params.model:q} --test {input.test:q}"
        " --hypotheses {output.hypotheses:q} --metrics {output.metrics:q} 2>&1 | tee {log:q}"
