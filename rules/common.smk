# Checked configuration, names of files, and what each rule depends on.
import json
from os import environ
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError

from gaprelm.data.sources import (
    CLEAN,
    Source,
    dev_sources,
    lists_to_keep_out,
    repeats,
    sources_of_tests,
    training_sources,
)
from gaprelm.errors import GapReLMError
from gaprelm.noise.settings import noise_files
from gaprelm.pipeline.configuration import checked, load_schema
from gaprelm.pipeline.machine import check_gpus, check_nodes, usable_gpus
from gaprelm.pipeline.selection import (
    model_settings,
    resume_point,
    stage_noise,
    stage_settings,
    unhashed_settings,
)
from gaprelm.provenance import source_hash
from gaprelm.scoring.cherrant.resources import CLASSES_FILE, CONFUSION_FILE
from gaprelm.stages import FINAL_STAGE, STAGES, position, stages_from
from gaprelm.textio import write_text

# Threads of libgomp that wait for each other spin long by default, which on a machine with other work to do makes a step
# twice as slow on average, and now and then ten times (docs/train/training.md); with this an idle one loses nothing.
environ.setdefault("GOMP_SPINCOUNT", "1000")

SCRIPTS = Path(workflow.basedir) / "workflow_scripts"
SCHEMA = load_schema(Path(workflow.basedir) / "rules" / "config.schema.yaml")

try:
    config.update(checked(config, SCHEMA))
except GapReLMError as error:
    raise WorkflowError(str(error)) from None

OUT = f"{config['output_dir']}/{config['experiment_name']}"
MODEL = f"{OUT}/{FINAL_STAGE.directory}"
CHECKPOINT_FILES = (
    "config.json",
    "model.safetensors",
    "vocab.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
)

SAMPLE = config["train_file"] is None and config["datasets"] is None
HAS_DEV = SAMPLE or config["dev_file"] is not None
TESTS = ["sample"] if SAMPLE else sorted(config["test_files"] or {})
OPERATING_POINT = "f2" if config["enable_f2"] else "f0.5"


scattergather:
    shards=config["data_shards"],


wildcard_constraints:
    scatteritem=r"\d+-of-\d+",
    # What is aligned and labelled by a job: a shard of the training pairs, or a dev or test set.
    part=r"train\.\d+-of-\d+|dev|test_[A-Za-z0-9_.-]+",
    split="train|clean|dev|test_[A-Za-z0-9_.-]+",
    test="[A-Za-z0-9_.-]+",
    download="[A-Za-z0-9_.-]+",
    training="train|clean",


def as_json(value):
    """One string for all that a job depends on, since Snakemake compares params without their names."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def code(script, *modules):
    """Hash of a script and the modules below it: a change reruns the rule, a comment does not."""
    return source_hash(SCRIPTS / script, SCRIPTS / "arguments.py", *modules)


def script(name):
    """Path of a script; as a function of ``output`` it is not compared, so a moved checkout reruns nothing."""
    return lambda wildcards, output: str(SCRIPTS / name)


def mirror_option(name):
    """The option that names data_mirror; a function of ``output``, since where a file came from is not compared."""
    mirror = config["data_mirror"]
    return lambda wildcards, output: f"{name} '{mirror}'" if mirror else ""


SCORING_RESOURCES = config["scoring_resources"]


def scoring_files():
    """The data of ChERRANT's substitution cost, where there are some: other data, other scores."""
    return (
        [f"{SCORING_RESOURCES}/{name}" for name in (CLASSES_FILE, CONFUSION_FILE)]
        if SCORING_RESOURCES
        else []
    )


SCORING_OPTION = (
    f"--scoring-resources '{SCORING_RESOURCES}'" if SCORING_RESOURCES else ""
)


def dev_data():
    return f"{OUT}/data/aligned/dev.parquet" if HAS_DEV else []


def max_threads():
    """Training takes all cores; on a cluster the profile says how many that is."""
    # workflow.cores is an error where no cores are given, as with --report.
    return workflow.resource_settings.cores or 8


RESUMED_STAGE, RESUME_FROM = (
    resume_point(config) if config["resume_from"] else (None, None)
)
TRAINED_STAGES = [stage.key for stage in stages_from(RESUMED_STAGE)]


def stage_start(stage):
    """Directory whose weights a stage starts from."""
    if stage == RESUMED_STAGE:
        if Path(RESUME_FROM).resolve() == Path(OUT, STAGES[stage].directory).resolve():
            raise WorkflowError(
                f"resume_from={RESUME_FROM} is what this stage is going to write\n"
                "  cure: set another experiment_name, or copy the directory"
            )
        return RESUME_FROM
    earlier = list(STAGES.values())[: position(stage)]
    return f"{OUT}/{earlier[-1].directory}" if earlier else f"{OUT}/initial"


def tracked_settings(stage):
    """What decides the result of a stage, its code included."""
    return as_json(
        stage_settings(config, stage, SCHEMA)
        | {
            "repeats": repeats(config),
            "code": code("stage_file.py", "gaprelm.training.stage"),
        }
    )


def untracked_settings(stage):
    """Paths and keys that do not decide the result; the function of ``resources`` keeps them out of the comparison."""

    def settings(wildcards, resources):
        return as_json(
            unhashed_settings(config, stage)
            | {
                "num_gpus": resources.get("gpu", 0) // config["num_nodes"],
                **training_data(),
                "dev_data": dev_data() or None,
                "scoring_resources": SCORING_RESOURCES,
                "initial_model": (
                    f"{OUT}/initial" if stage == RESUMED_STAGE else stage_start(stage)
                ),
                "resume_from": RESUME_FROM if stage == RESUMED_STAGE else None,
                "output_dir": f"{OUT}/{STAGES[stage].directory}",
                "work_dir": f"{OUT}/work",
                "tensorboard_dir": f"{OUT}/tensorboard/{stage}",
                "log_file": f"{OUT}/training.log",
                "history_file": f"{OUT}/history/{stage}.json",
                "experiment_name": config["experiment_name"],
            }
        )

    return settings


def processes(wildcards, resources):
    """Training processes on each node."""
    gpus = resources.get("gpu", 0) // config["num_nodes"]
    return gpus or config["num_processes"]


def launcher(wildcards, threads, resources):
    """One process runs plainly; several are started by torchrun; several nodes by srun, a torchrun on each."""
    count, nodes = processes(wildcards, resources), config["num_nodes"]
    if nodes > 1:
        return (
            f"srun --nodes {nodes} --ntasks {nodes} --ntasks-per-node 1 --cpus-per-task {threads} --kill-on-bad-exit=1"
            f" bash '{SCRIPTS / 'torchrun_node.sh'}' {count}"
        )
    return "python" if count == 1 else f"torchrun --standalone --nproc-per-node {count}"


def node_resources():
    """Slurm resources: all GPUs of one node; or several nodes, and the job's own shell calls srun (mpi), once a node.

    ``gpu`` is a job's total, which Slurm spreads as it likes (4 on two nodes as 3 and 1); ``gres`` counts by node.
    """
    nodes, gpus = config["num_nodes"], config["num_gpus"]
    if nodes == 1:
        return {"nodes": 1}
    several = {"mpi": "srun", "nodes": nodes, "tasks": nodes, "tasks_per_gpu": 0}
    return several | ({"gres": f"gpu:{gpus}"} if gpus else {})


def given_thresholds():
    """Thresholds of the configuration by edit type; null ones are calibrated."""
    return {
        name: config[f"{name}_threshold"] for name in ("delete", "insert", "replace")
    }


def checkpoint(directory):
    return [f"{directory}/{name}" for name in CHECKPOINT_FILES]


def report_files():
    names = ["data_summary.html", "data_figures.svg", "training_curves.svg"]
    if HAS_DEV:
        names.append("precision_recall.svg")
    if TESTS:
        names += ["results.html", "examples.html"]
    return [f"{OUT}/report/{name}" for name in names]


def check_machine():
    """Refuse what this machine cannot run. Nodes of a cluster are other machines: there the trainer checks."""
    if workflow.local_exec:
        try:
            check_gpus(config["num_gpus"], usable_gpus())
            check_nodes(config["num_nodes"])
        except GapReLMError as error:
            raise WorkflowError(str(error)) from None


# While the rules are read no executor is chosen yet, but without --jobs it is this machine; else onstart knows.
if workflow.resource_settings.nodes is None and not workflow.remote_exec:
    check_machine()


def save_configuration():
    """Write down what this run is made with."""
    write_text(
        Path(OUT, "config.yaml"),
        yaml.safe_dump(dict(config), allow_unicode=True, sort_keys=False),
    )
