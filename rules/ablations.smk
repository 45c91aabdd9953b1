# Ablations and baselines: each variant with each seed on the same data, then one table. A run is one job that goes on
# where it was stopped; only `snakemake --cores all ablations` makes them.
from gaprelm.ablations.variants import run_settings, variant_config

ABLATIONS = config["ablations"]
ABLATION_SETS = {
    **({"dev": f"{OUT}/data/aligned/dev.parquet"} if HAS_DEV else {}),
    **{test: f"{OUT}/data/aligned/test_{test}.parquet" for test in TESTS},
}
# Which set chooses the thresholds for which.
ABLATION_SELECT = ABLATIONS["select"] or {test: "dev" for test in TESTS if HAS_DEV}


VARIANTS = ABLATIONS["only"] or list(ABLATIONS["variants"])


def check_ablations():
    """Every variant has a valid configuration, and every variant and set that is named exists."""
    for variant in VARIANTS:
        if variant not in ABLATIONS["variants"]:
            raise WorkflowError(
                f"ablations.only names {variant}; expected one of {', '.join(ABLATIONS['variants'])}"
            )
    for test, selecting in ABLATION_SELECT.items():
        for name in (test, selecting):
            if name not in ABLATION_SETS:
                raise WorkflowError(
                    f"ablations.select names {name}; expected one of {', '.join(ABLATION_SETS)}"
                )
    try:
        for variant in VARIANTS:
            variant_config(config, SCHEMA, variant, ABLATIONS["seeds"][0])
    except GapReLMError as error:
        raise WorkflowError(str(error)) from None


check_ablations()


def ablation_settings(wildcards):
    """What decides the result of a run, its code included."""
    settings = run_settings(
        config, SCHEMA, wildcards.variant, int(wildcards.ablation_seed)
    )
    return as_json(
        settings
        | {
            "select": ABLATION_SELECT,
            "repeats": repeats(config),
            "code": code("ablation.py", "gaprelm.ablations.run"),
        }
    )


def ablation_noise_files(wildcards):
    """The files that the generated errors of a run follow."""
    stages = variant_config(config, SCHEMA, wildcards.variant, 0)
    return [
        path
        for stage in STAGE_RESULTS
        for path in noise_files(stage_noise(stages, stage))
    ]


def ablation_common(wildcards):
    """Keys of a stage that are equal in all runs."""
    return as_json(
        unhashed_settings(config, "joint_finetune")
        | {
            "train_data": training_data().get("train_data"),
            "clean_data": training_data().get("clean_data"),
            "repeats": repeats(config),
            "dev_data": dev_data() or None,
            "scoring_resources": SCORING_RESOURCES,
        }
    )


rule ablation:
    input:
        training_data().values(),
        scoring_files(),
        ablation_noise_files,
        texts=training_texts(),
        sets=ABLATION_SETS.values(),
    output:
        f"{OUT}/ablations/{{variant}}/{{ablation_seed}}.json",
    log:
        f"{OUT}/logs/ablation.{{variant}}.{{ablation_seed}}.log",
    wildcard_constraints:
        variant="[A-Za-z0-9_.-]+",
        ablation_seed="[0-9]+",
    conda:
        "../envs/gaprelm.yaml"
    threads: max_threads()
    resources:
        gpu=min(config["num_gpus"], 1),
    params:
        script=script("ablation.py"),
        settings=ablation_settings,
        # As a function of resources it is not compared.
        common=lambda wildcards, resources: ablation_common(wildcards),
        sets=[f"{name}={path}" for name, path in ABLATION_SETS.items()],
        directory=f"{OUT}/ablations/{{variant}}/{{ablation_seed}}",
    message:
        "Ablation {wildcards.variant}, seed {wildcards.ablation_seed}"
    shell:
        "export OMP_NUM_THREADS={threads} PYTHONUNBUFFERED=1;"
        " python {params.script:q} --settings {params.settings:q} --common {params.common:q} --texts {input.texts:q}"
        " --tests {params.sets:q} --directory {params.directory:q} --output {output:q} 2>&1 | tee {log:q}"


rule ablations:
    input:
        expand(
            f"{OUT}/ablations/{{variant}}/{{ablation_seed}}.json",
            variant=VARIANTS,
            ablation_seed=ABLATIONS["seeds"],
        ),
    output:
        page=report(
            f"{OUT}/report/ablations.html",
            category="5 Ablations",
            caption="captions/ablations.rst",
            labels={"content": "ablations and baselines", "kind": "table"},
        ),
        markdown=f"{OUT}/ablations/table.md",
        summary=f"{OUT}/ablations/summary.json",
    log:
        f"{OUT}/logs/ablations.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=script("report_ablations.py"),
        code=code("report_ablations.py"),
    message:
        "Writing the table of the ablations"
    shell:
        "python {params.script:q} --runs {input:q} --page {output.page:q} --markdown {output.markdown:q}"
        " --summary {output.summary:q} 2>&1 | tee {log:q}"
