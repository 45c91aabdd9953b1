# The checked configuration, the experiment that is made of it, and what all rules share.
import json
from contextlib import contextmanager
from os import environ
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError

from gaprelm.data.published import named_download
from gaprelm.errors import GapReLMError
from gaprelm.noise.settings import noise_files
from gaprelm.pipeline import steps
from gaprelm.pipeline.configuration import checked, load_schema
from gaprelm.pipeline.experiment import Experiment, checkpoint
from gaprelm.pipeline.launch import launcher, node_resources
from gaprelm.pipeline.machine import check_gpus, check_nodes, usable_gpus
from gaprelm.pipeline.written import as_written
from gaprelm.provenance import source_hash
from gaprelm.scoring.cherrant.resources import CLASSES_FILE, CONFUSION_FILE
from gaprelm.stages import STAGES, position
from gaprelm.textio import write_text

# Threads of libgomp that wait for each other spin long by default, which on a machine with other work to do makes a step
# twice as slow on average, and now and then ten times (docs/train/training.md); with this an idle one loses nothing.
environ.setdefault("GOMP_SPINCOUNT", "1000")

SCRIPTS = Path(workflow.basedir) / "workflow_scripts"
SCHEMA = load_schema(Path(workflow.basedir) / "rules" / "config.schema.yaml")
ENVIRONMENT = "../envs/gaprelm.yaml"


@contextmanager
def one_message():
    """Errors of the configuration end Snakemake with their message, and without a traceback."""
    try:
        yield
    except GapReLMError as error:
        raise WorkflowError(str(error)) from None


def written_configuration():
    """The texts of the configuration files in the order in which they win, and of --config."""
    given = workflow.config_settings
    files = [Path(workflow.basedir) / "config.yaml", *given.configfiles]
    return as_written(files, given.config_args or [])


with one_message():
    config.update(checked(config, SCHEMA, written_configuration()))


scattergather:
    shards=config["data_shards"],


with one_message():
    # --set-scatter may change their number.
    EXPERIMENT = Experiment(config, SCHEMA, gather.shards("{scatteritem}"))

OUT = EXPERIMENT.folder


wildcard_constraints:
    scatteritem=r"\d+-of-\d+",
    # What is aligned and labelled by a job: a shard of the training pairs, or a dev or test set.
    part=r"train\.\d+-of-\d+|dev|test_[A-Za-z0-9_.-]+",
    split="train|clean|dev|test_[A-Za-z0-9_.-]+",
    test="[A-Za-z0-9_.-]+",
    download="[A-Za-z0-9_.-]+",
    training="train|clean",


# Snakemake compares the values of params, without their names, to see whether a job has to run again. It leaves out
# those that are functions of output or resources. All that a job depends on is therefore one text, settings; what it
# does not depend on comes from such functions. A function's result is also safe from being taken for a pattern.


def as_json(value):
    """A value as one text, the same for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def step(script, settings=None, modules=()):
    """The params of a step: the path of its script, not compared, so that a moved checkout reruns nothing; its settings.

    With the settings stands a hash of the code, the script's and that of the package below it: a change reruns the
    step, a comment does not.

    Args:
        settings: a mapping, or a function of the wildcards that gives one.
        modules: of the package that the script does not import itself.
    """
    code = source_hash(SCRIPTS / script, SCRIPTS / "arguments.py", *modules)

    def document(wildcards):
        values = settings(wildcards) if callable(settings) else settings or {}
        return as_json(values | {"code": code})

    return {
        "script": lambda wildcards, output: str(SCRIPTS / script),
        "settings": document,
    }


def step_log(name):
    """Where a step writes what it says."""
    return f"{OUT}/logs/{name}.log"


def max_threads():
    """Training takes all cores; on a cluster the profile says how many that is."""
    # workflow.cores is an error where no cores are given, as with --report.
    return workflow.resource_settings.cores or 8


def node_gpus(resources):
    """GPUs of a job on each node."""
    return resources.get("gpu", 0) // config["num_nodes"]


def processes(resources):
    """Training processes on each node."""
    return node_gpus(resources) or config["num_processes"]


def stage_launcher(wildcards, threads, resources):
    """How the processes of a stage are started."""
    return launcher(
        processes(resources),
        config["num_nodes"],
        threads,
        SCRIPTS / "torchrun_node.sh",
    )


def process_threads(wildcards, threads, resources):
    """Threads of each training process."""
    return max(1, threads // processes(resources))


def stage_files(stage):
    """Paths of a stage, and keys that do not decide its result."""
    return lambda wildcards, resources: as_json(
        steps.stage_files(EXPERIMENT, stage, node_gpus(resources))
    )


def check_machine():
    """Refuse what this machine cannot run. Nodes of a cluster are other machines: there the trainer checks."""
    if workflow.local_exec:
        with one_message():
            check_gpus(config["num_gpus"], usable_gpus())
            check_nodes(config["num_nodes"])


# While the rules are read no executor is chosen yet, but without --jobs it is this machine; else onstart knows.
if workflow.resource_settings.nodes is None and not workflow.remote_exec:
    check_machine()


def save_configuration():
    """Write down what this run is made with."""
    write_text(
        Path(OUT, "config.yaml"),
        yaml.safe_dump(dict(config), allow_unicode=True, sort_keys=False),
    )
