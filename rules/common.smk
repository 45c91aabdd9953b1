# The checked configuration, the experiment that it describes, and what all rules share.
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
from gaprelm.pipeline.contents import Contents
from gaprelm.pipeline.experiment import Experiment
from gaprelm.pipeline.launch import launcher, node_resources
from gaprelm.pipeline.machine import check_gpus, check_nodes, usable_gpus
from gaprelm.pipeline.written import as_written, check_handed_on
from gaprelm.provenance import source_hash
from gaprelm.scoring.cherrant.resources import CLASSES_FILE, CONFUSION_FILE
from gaprelm.stages import STAGES, position
from gaprelm.textio import write_text

# By default, waiting threads of libgomp spin for long. On a machine with other work this makes a step twice as slow on
# average, and sometimes ten times (docs/train/training.md). With this value they spin briefly, which costs an idle
# machine nothing.
environ.setdefault("GOMP_SPINCOUNT", "1000")

SCRIPTS = Path(workflow.basedir) / "workflow_scripts"
SCHEMA = load_schema(Path(workflow.basedir) / "rules" / "config.schema.yaml")
ENVIRONMENT = "../envs/gaprelm.yaml"


@contextmanager
def one_message():
    """Turn errors of the configuration into one message that ends Snakemake, without a traceback."""
    try:
        yield
    except GapReLMError as error:
        raise WorkflowError(str(error)) from None


def written_configuration():
    """The configuration as written; --configfile wins over config.yaml, and --config over both."""
    given = workflow.config_settings
    files = [Path(workflow.basedir) / "config.yaml", *given.configfiles]
    return as_written(files, given.config_args or [])


with one_message():
    valid = checked(config, SCHEMA, written_configuration())
    # Keys of earlier versions that have gone do not stay.
    config.clear()
    config.update(valid)


scattergather:
    shards=config["data_shards"],


with one_message():
    # The number of shards comes from Snakemake, because --set-scatter may change it.
    EXPERIMENT = Experiment(config, SCHEMA, gather.shards("{scatteritem}"))

OUT = EXPERIMENT.folder
# In the folder of Snakemake, since it serves planning alone.
CONTENTS = Contents(Path(".snakemake") / "gaprelm" / "contents.json")


wildcard_constraints:
    scatteritem=r"\d+-of-\d+",
    # What one job aligns and labels: a shard of the training pairs, or a dev or test set.
    part=r"train\.\d+-of-\d+|dev|(dev|test)_[A-Za-z0-9_.-]+",
    split="train|clean|dev|(dev|test)_[A-Za-z0-9_.-]+",
    test="[A-Za-z0-9_.-]+",
    download="[A-Za-z0-9_.-]+",
    training="train|clean",


# Snakemake compares the values of params, without their names, to see whether a job must run again. It does not compare
# params that are functions of output or resources. So everything that decides a job's result is in one text, settings,
# and all other values are such functions. Besides, Snakemake replaces no wildcards in the result of a function.


def as_json(value):
    """A value as one JSON text, the same for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def step(script, settings=None, modules=(), reads=()):
    """The params of a step: the path of its script, and its settings.

    The path is not compared, so moving the checkout reruns nothing. The settings include a hash of the script and of
    the package's code that it imports: a change to the code reruns the step, a change to a comment does not. They also
    include a hash of the files that users bring, since Snakemake does not see an exchange for older files.

    Args:
        settings: a mapping, or a function of the wildcards that returns one.
        modules: further modules of the package, for a script that does not import them itself.
        reads: the rule's input, or a function of the wildcards that returns it. (A function of input would not be
            compared.) Files that rules make may be left out.
    """
    code = source_hash(SCRIPTS / script, SCRIPTS / "arguments.py", *modules)

    def document(wildcards):
        values = settings(wildcards) if callable(settings) else settings or {}
        brought = EXPERIMENT.brought(reads(wildcards) if callable(reads) else reads)
        contents = {"contents": CONTENTS.of(brought)} if brought else {}
        return as_json(values | contents | {"code": code})

    return {
        "script": lambda wildcards, output: str(SCRIPTS / script),
        "settings": document,
    }


def step_log(name):
    """The log file of a step."""
    return f"{OUT}/logs/{name}.log"


def max_threads():
    """The threads of training: all cores. On a cluster the profile gives their number."""
    # workflow.cores would raise an error if no cores are given, as with --report.
    return workflow.resource_settings.cores or 8


def node_gpus(resources):
    """GPUs of a job on each node."""
    return resources.get("gpu", 0) // config["num_nodes"]


def processes(resources):
    """Training processes on each node."""
    return node_gpus(resources) or config["num_processes"]


def stage_launcher(wildcards, threads, resources):
    """The command that starts the processes of a stage."""
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
    """The paths of a stage, and the keys that do not decide its result."""
    return lambda wildcards, resources: as_json(
        steps.stage_files(EXPERIMENT, stage, node_gpus(resources))
    )


def check_machine():
    """Refuse what this machine cannot run, or hand on. On a cluster jobs run elsewhere, where the trainer checks."""
    with one_message():
        if not workflow.local_exec:
            check_handed_on(workflow.config_settings.config_args or [])
            return
        check_gpus(config["num_gpus"], usable_gpus())
        check_nodes(config["num_nodes"])


# While the rules are read, the executor is not known yet. Without --jobs it is this machine, so check now; otherwise
# onstart checks.
if workflow.resource_settings.nodes is None and not workflow.remote_exec:
    check_machine()


def save_configuration():
    """Write the configuration of this run to the experiment's folder."""
    write_text(
        Path(OUT, "config.yaml"),
        yaml.safe_dump(dict(config), allow_unicode=True, sort_keys=False),
    )
