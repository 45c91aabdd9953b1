# Ablations and baselines: each variant with each seed on the same data, then one table. A run is one job that goes on
# where it was stopped; only `snakemake --cores all ablations` makes them.


rule ablation:
    input:
        training_files(),
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
    # SIGTERM is the trainer's alone, as in train.smk.
    shell:
        "trap '' TERM; export OMP_NUM_THREADS={threads} PYTHONUNBUFFERED=1;"
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
