# Variants and sets of the ablations, checked, and the settings of their runs.
from gaprelm.studies.ablations.variants import run_settings, variant_config

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
            "code": code("ablation.py", "gaprelm.studies.ablations.run"),
        }
    )


def ablation_noise_files(wildcards):
    """The files that the generated errors of a run follow."""
    stages = variant_config(config, SCHEMA, wildcards.variant, 0)
    return [
        path for stage in STAGES for path in noise_files(stage_noise(stages, stage))
    ]


def ablation_common(wildcards):
    """Keys of a stage that are equal in all runs."""
    return as_json(
        unhashed_settings(config, "joint_finetune")
        | training_data()
        | {
            "repeats": repeats(config),
            "dev_data": dev_data() or None,
            "scoring_resources": SCORING_RESOURCES,
        }
    )
