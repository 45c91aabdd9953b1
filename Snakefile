# Gap-ReLM: train and evaluate a corrector of Chinese text.
#
#   snakemake --cores all                 train, calibrate, evaluate, prepare the report
#   snakemake --cores all train_joint     up to the joint model
#   snakemake --cores all ablations --configfile configs/tiny.yaml
#                                         variants and baselines, several seeds, one table
#   snakemake --report report.html        after either of them
#
# The settings are in config.yaml; the algorithms are in gaprelm/.
from snakemake.utils import min_version

min_version("9.0")


configfile: f"{workflow.basedir}/config.yaml"


report: "rules/captions/workflow.rst"


include: "rules/common.smk"
include: "rules/data.smk"
include: "rules/train.smk"
include: "rules/evaluate.smk"
include: "rules/report.smk"
include: "rules/ablations.smk"


rule all:
    default_target: True
    input:
        f"{EXPERIMENT.model}/calibration.json",
        expand(f"{OUT}/evaluation/{{test}}.metrics.json", test=EXPERIMENT.tests),
        EXPERIMENT.metrics_before(),
        EXPERIMENT.report_files(),


onstart:
    check_machine()
    save_configuration()
