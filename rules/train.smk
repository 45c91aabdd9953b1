# The initial model and the three stages. Checkpoints lie in work/, which Snakemake does not know of: it deletes the
# declared outputs of a job that fails, and a stage that is called again goes on from its last checkpoint.


rule clean_work:
    log:
        f"{OUT}/logs/clean_work.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=str(SCRIPTS / "clean_work.py"),
        experiment=OUT,
    message:
        "Deleting work directories that no run goes on from"
    shell:
        "python {params.script:q} --experiment {params.experiment:q} 2>&1 | tee {log:q}"


rule initial_model:
    input:
        pretrained_files(),
        texts=training_texts(),
    output:
        checkpoint(f"{OUT}/initial"),
    log:
        f"{OUT}/logs/initial_model.log",
    conda:
        "../envs/gaprelm.yaml"
    params:
        script=script("initial_model.py"),
        settings=as_json(
            {"model": model_settings(config), "code": code("initial_model.py")}
        ),
        model=as_json(model_settings(config)),
        directory=subpath(output[0], parent=True),
    message:
        "Building the initial model"
    shell:
        "python {params.script:q} --settings {params.model:q} --texts {input.texts:q}"
        " --output {params.directory:q} 2>&1 | tee {log:q}"


rule train_infiller:
    input:
        checkpoint(stage_start("infiller_pretrain")),
        checkpoint(f"{OUT}/initial"),
        data=stage_data("infiller_pretrain"),
        summary=ancient(f"{OUT}/data/summary.json"),
        dev=dev_data(),
        scoring=scoring_files() if HAS_DEV else [],
    output:
        checkpoint(f"{OUT}/best_stage_a"),
        f"{OUT}/best_stage_a/training_args.json",
        f"{OUT}/history/infiller_pretrain.json",
    log:
        f"{OUT}/logs/train_infiller.log",
    benchmark:
        f"{OUT}/logs/train_infiller.benchmark.tsv"
    conda:
        "../envs/gaprelm.yaml"
    threads: max_threads()
    resources:
        **node_resources(),
        gpu=config["num_gpus"] * config["num_nodes"],
    params:
        script=script("stage_file.py"),
        settings=tracked_settings("infiller_pretrain"),
        more=untracked_settings("infiller_pretrain"),
        file=f"{OUT}/work/infiller_pretrain.yaml",
        launcher=launcher,
        processes=processes,
    message:
        "Stage A: training the infiller"
    shell:
        "python {params.script:q} --settings {params.settings:q} --more {params.more:q} --output {params.file:q};"
        " threads=$(( {threads} / {params.processes} ));"
        " export OMP_NUM_THREADS=$(( threads > 0 ? threads : 1 )) PYTHONUNBUFFERED=1;"
        # A cluster sends SIGTERM to all processes of a job. Only the trainer, which installs a handler, shall act on it:
        # without this shell and tee its checkpoint would have nowhere to report to. torchrun waits 30 s by default.
        " trap '' TERM; export TORCH_ELASTIC_SHUTDOWN_TIMEOUT=240;"
        " {params.launcher} -m gaprelm.training {params.file:q} 2>&1 | tee {log:q}"


use rule train_infiller as train_planner with:
    input:
        checkpoint(stage_start("planner_train")),
        checkpoint(f"{OUT}/initial"),
        data=stage_data("planner_train"),
        dev=dev_data(),
        scoring=scoring_files() if HAS_DEV else [],
    output:
        checkpoint(f"{OUT}/best_stage_b"),
        f"{OUT}/best_stage_b/training_args.json",
        f"{OUT}/history/planner_train.json",
    log:
        f"{OUT}/logs/train_planner.log",
    benchmark:
        f"{OUT}/logs/train_planner.benchmark.tsv"
    params:
        script=script("stage_file.py"),
        settings=tracked_settings("planner_train"),
        more=untracked_settings("planner_train"),
        file=f"{OUT}/work/planner_train.yaml",
        launcher=launcher,
        processes=processes,
    message:
        "Stage B: training the planner"


use rule train_infiller as train_joint with:
    input:
        checkpoint(stage_start("joint_finetune")),
        checkpoint(f"{OUT}/initial"),
        data=stage_data("joint_finetune"),
        dev=dev_data(),
        scoring=scoring_files() if HAS_DEV else [],
    output:
        checkpoint(MODEL),
        f"{MODEL}/training_args.json",
        f"{OUT}/history/joint_finetune.json",
    log:
        f"{OUT}/logs/train_joint.log",
    benchmark:
        f"{OUT}/logs/train_joint.benchmark.tsv"
    params:
        script=script("stage_file.py"),
        settings=tracked_settings("joint_finetune"),
        more=untracked_settings("joint_finetune"),
        file=f"{OUT}/work/joint_finetune.yaml",
        launcher=launcher,
        processes=processes,
    message:
        "Stage C: joint training"
