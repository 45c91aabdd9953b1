# Ablations and baselines: each variant with each seed on the same data, then one table. Each run is one job, which
# resumes if it was stopped. They run only if asked for: `snakemake --cores all ablations`.
from gaprelm.studies.ablations.plan import Ablations

with one_message():
    ABLATIONS = Ablations(EXPERIMENT)


rule ablation:
    input:
        EXPERIMENT.training_files(),
        EXPERIMENT.scoring_files(),
        lambda wc: ABLATIONS.files(wc.variant),
        EXPERIMENT.fold_files(),
        texts=EXPERIMENT.training_texts(),
        pairs=EXPERIMENT.training_pairs(),
        counts=EXPERIMENT.counts_file(),
        sets=ABLATIONS.sets.values(),
    output:
        f"{OUT}/ablations/{{variant}}/{{ablation_seed}}.json",
    log:
        step_log("ablation.{variant}.{ablation_seed}"),
    wildcard_constraints:
        variant="[A-Za-z0-9_.-]+",
        ablation_seed="[0-9]+",
    conda:
        ENVIRONMENT
    threads: max_threads()
    resources:
        gpu=lambda wc: ABLATIONS.gpus(wc.variant),
    params:
        **step(
            "ablation.py",
            lambda wc: ABLATIONS.settings(wc.variant, int(wc.ablation_seed)),
            ["gaprelm.studies.ablations.run"],
            lambda wc: [*EXPERIMENT.scoring_files(), *ABLATIONS.files(wc.variant)],
        ),
        # A function of resources, so that Snakemake does not compare it (see common.smk).
        more=lambda wildcards, resources: as_json(ABLATIONS.common()),
        directory=f"{OUT}/ablations/{{variant}}/{{ablation_seed}}",
    message:
        "Ablation {wildcards.variant}, seed {wildcards.ablation_seed}"
    # Only the trainer acts on SIGTERM, as in train.smk.
    shell:
        "trap '' TERM; export OMP_NUM_THREADS={threads} PYTHONUNBUFFERED=1;"
        " python {params.script:q} --settings {params.settings:q} --more {params.more:q} --texts {input.texts:q}"
        " --pairs {input.pairs:q} --counts {input.counts:q} --sets {input.sets:q} --directory {params.directory:q}"
        " --output {output:q} 2>&1 | tee {log:q}"


rule ablations:
    input:
        expand(
            f"{OUT}/ablations/{{variant}}/{{ablation_seed}}.json",
            variant=ABLATIONS.variants,
            ablation_seed=ABLATIONS.seeds,
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
        step_log("ablations"),
    conda:
        ENVIRONMENT
    params:
        **step("report_ablations.py"),
    message:
        "Writing the table of the ablations"
    shell:
        "python {params.script:q} --runs {input:q} --page {output.page:q} --markdown {output.markdown:q}"
        " --summary {output.summary:q} 2>&1 | tee {log:q}"
