# The initial model and the three stages. Checkpoints are in work/, which is not declared as output: Snakemake deletes
# the outputs of a job that fails, but a stage that is called again must resume from its last checkpoint.


rule clean_work:
    log:
        step_log("clean_work"),
    conda:
        ENVIRONMENT
    params:
        script=str(SCRIPTS / "clean_work.py"),
        experiment=OUT,
    message:
        "Deleting work directories from which no run will resume"
    shell:
        "python {params.script:q} --experiment {params.experiment:q} 2>&1 | tee {log:q}"


rule initial_model:
    input:
        EXPERIMENT.pretrained_files(),
        texts=EXPERIMENT.training_texts(),
        counts=EXPERIMENT.counts_file(),
    output:
        EXPERIMENT.checkpoint(EXPERIMENT.initial),
    log:
        step_log("initial_model"),
    conda:
        ENVIRONMENT
    params:
        **step(
            "initial_model.py",
            steps.initial_model_settings(EXPERIMENT),
            reads=EXPERIMENT.pretrained_files(),
        ),
        directory=subpath(output[0], parent=True),
    message:
        "Building the initial model"
    shell:
        "python {params.script:q} --settings {params.settings:q} --texts {input.texts:q}"
        " --counts {input.counts:q} --output {params.directory:q} 2>&1 | tee {log:q}"


rule count:
    input:
        texts=EXPERIMENT.training_texts(),
        pairs=EXPERIMENT.training_pairs(),
        noise=noise_files(steps.count_settings(EXPERIMENT)["noise"]),
    output:
        counts=f"{OUT}/counts/all.npz",
        folds=EXPERIMENT.fold_names(),
    log:
        step_log("count"),
    benchmark:
        f"{OUT}/logs/count.benchmark.tsv"
    conda:
        ENVIRONMENT
    params:
        **step(
            "count.py",
            steps.count_settings(EXPERIMENT),
            reads=noise_files(steps.count_settings(EXPERIMENT)["noise"]),
        ),
    message:
        "Counting the training data"
    shell:
        "python {params.script:q} --settings {params.settings:q} --texts {input.texts:q} --pairs {input.pairs:q}"
        " --output {output.counts:q} --folds {output.folds:q} 2>&1 | tee {log:q}"


# One rule for each stage: train_infiller, train_planner, train_joint.
for stage in STAGES.values():

    rule:
        name:
            stage.rule
        input:
            EXPERIMENT.checkpoint(EXPERIMENT.start(stage.key)),
            EXPERIMENT.checkpoint(EXPERIMENT.initial),
            data=EXPERIMENT.stage_data(stage.key),
            # The summary is made first, so that problems of the data are seen before the first stage.
            summary=[] if position(stage.key) else ancient(f"{OUT}/data/summary.json"),
            dev=EXPERIMENT.dev_data.values(),
            scoring=EXPERIMENT.scoring_files() if EXPERIMENT.has_dev else [],
        output:
            EXPERIMENT.checkpoint(EXPERIMENT.result(stage)),
            f"{EXPERIMENT.result(stage)}/training_args.json",
            f"{OUT}/history/{stage.key}.json",
        log:
            step_log(stage.rule),
        benchmark:
            f"{OUT}/logs/{stage.rule}.benchmark.tsv"
        conda:
            ENVIRONMENT
        threads: max_threads()
        resources:
            **node_resources(config["num_nodes"], config["num_gpus"]),
            gpu=config["num_gpus"] * config["num_nodes"],
        params:
            **step(
                "stage_file.py",
                steps.stage_settings(EXPERIMENT, stage.key),
                ["gaprelm.training.stage"],
                EXPERIMENT.stage_reads(stage.key),
            ),
            more=stage_files(stage.key),
            file=f"{OUT}/work/{stage.key}.yaml",
            launcher=stage_launcher,
            threads=process_threads,
        message:
            f"Stage {stage.letter}: {stage.rule}"
        shell:
            "python {params.script:q} --settings {params.settings:q} --more {params.more:q} --output {params.file:q};"
            " export OMP_NUM_THREADS={params.threads:q} PYTHONUNBUFFERED=1;"
            # A cluster sends SIGTERM to all processes of a job. Only the trainer has a handler and must act on it. This
            # shell and tee ignore it, since they are needed until it has saved a checkpoint. By default torchrun would
            # wait only 30 s for that.
            " trap '' TERM; export TORCH_ELASTIC_SHUTDOWN_TIMEOUT=240;"
            " {params.launcher:q} -m gaprelm.training {params.file:q} 2>&1 | tee {log:q}"
