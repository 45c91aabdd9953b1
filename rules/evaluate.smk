# Thresholds on dev, scores on the test sets.


rule calibrate:
    input:
        checkpoint(MODEL),
        dev=dev_data(),
        scoring=scoring_files(),
    output:
        f"{MODEL}/calibration.json",
    log:
        f"{OUT}/logs/calibrate.log",
    conda:
        "../envs/gaprelm.yaml"
    threads: max_threads()
    params:
        script=script("calibrate.py"),
        settings=as_json(
            {
                "default": OPERATING_POINT,
                "objective": config["calibrate_for"],
                "thresholds": given_thresholds(),
                "code": code("calibrate.py"),
            }
        ),
        model=subpath(input[0], parent=True),
        dev=f"--dev {dev_data()}" if HAS_DEV else "",
        thresholds=as_json(given_thresholds()),
        default=OPERATING_POINT,
        objective=config["calibrate_for"],
        scoring=SCORING_OPTION,
    message:
        "Choosing thresholds"
    shell:
        "python {params.script:q} --model {params.model:q} {params.dev} {params.scoring} --thresholds {params.thresholds:q}"
        " --default {params.default} --objective {params.objective} --output {output:q} 2>&1 | tee {log:q}"


rule evaluate:
    input:
        checkpoint(MODEL),
        f"{MODEL}/calibration.json",
        test=f"{OUT}/data/aligned/test_{{test}}.parquet",
        scoring=scoring_files(),
    output:
        hypotheses=f"{OUT}/evaluation/{{test}}.hyp.tsv",
        metrics=f"{OUT}/evaluation/{{test}}.metrics.json",
    log:
        f"{OUT}/logs/evaluate.{{test}}.log",
    conda:
        "../envs/gaprelm.yaml"
    threads: max_threads()
    params:
        script=script("evaluate.py"),
        code=code("evaluate.py"),
        model=subpath(input[0], parent=True),
        scoring=SCORING_OPTION,
    message:
        "Scoring {wildcards.test}"
    shell:
        "python {params.script:q} --model {params.model:q} --test {input.test:q} {params.scoring}"
        " --hypotheses {output.hypotheses:q} --metrics {output.metrics:q} 2>&1 | tee {log:q}"
