"""What a stage prints before it starts."""

from __future__ import annotations

from collections.abc import Mapping

from transformers import PreTrainedConfig, PreTrainedModel

from gaprelm.model.configuration import GapReLMConfig
from gaprelm.training.settings import StageSettings

_RULE = "=" * 78


def banner(
    settings: StageSettings, model: PreTrainedModel, examples: int, dev: Mapping[str, int], processes: int
) -> str:
    """A summary of the stage: data, training, model, output and switches.

    Args:
        dev: the number of sentences of each dev set.
    """
    config, encoder = model.config, model.config.bert
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    everything = sum(p.numel() for p in model.parameters())
    precision = "fp16" if settings.fp16 else "bf16" if settings.use_bf16 else "fp32"
    device = f"{settings.num_gpus} GPU(s)" if settings.num_gpus else f"CPU, {processes} process(es)"
    selection = _dev_sets(dev, settings)
    batch = settings.batch_size * settings.gradient_accumulation_steps * processes
    lines = {
        "Stage": f"{settings.stage} of experiment {settings.experiment_name}",
        "Data": f"train {examples:,} examples ({_training_data(settings)}){_longest(settings)}; dev {selection}",
        "Training": f"{settings.num_epochs:g} epochs, batch {batch} ({settings.batch_size} a process x "
        f"{settings.gradient_accumulation_steps} accumulated x {processes}), {_rate(settings)}, "
        f"{precision}, {device}, seed {settings.seed}",
        "Model": f"BERT {encoder.num_hidden_layers} x {encoder.hidden_size}, vocabulary {encoder.vocab_size:,}, "
        f"{trained:,} of {everything:,} parameters trained, max_seq_length {config.max_seq_length}, "
        f"max_insert_num {config.max_insert_num}",
        "Start": settings.resume_from or settings.initial_model,
        "Output": settings.output_dir,
        "Switches": _switches(settings, config),
    }
    return "\n".join([_RULE, *(f"{name + ':':<10}{text}" for name, text in lines.items()), _RULE])


def _longest(settings: StageSettings) -> str:
    return f", no longer than {settings.max_seq_length} tokens" if settings.max_seq_length else ""


def _rate(settings: StageSettings) -> str:
    average = f", weights averaged with decay {settings.ema_decay:g}" if settings.ema_decay else ""
    schedule = f"{settings.lr_schedule}, warm-up {settings.warmup_ratio:g}"
    return f"learning rate {settings.learning_rate:g} ({schedule}){average}"


def _dev_sets(dev: Mapping[str, int], settings: StageSettings) -> str:
    if not dev:
        return "none: nothing is selected, the last step is the result (dev_file is not set)"
    if len(dev) == 1:
        return f"{sum(dev.values()):,} sentences"
    return ", ".join(f"{name} {n:,} sentences (weight {settings.dev_weights[name]:g})" for name, n in dev.items())


def _training_data(settings: StageSettings) -> str:
    kinds = {"pairs of": settings.train_data, "new errors every epoch in": filter(None, [settings.clean_data])}
    return ", ".join(f"{kind} {path}" for kind, paths in kinds.items() for path in paths)


def _switches(settings: StageSettings, config: PreTrainedConfig) -> str:
    if not isinstance(config, GapReLMConfig):
        return f"{config.model_type}, {config.architecture}, f2 {settings.enable_f2}"
    return (
        f"insert {config.enable_insert}, delete {config.enable_delete}, gap {config.enable_gap}, "
        f"aux_mlm {settings.enable_aux_mlm} (p {settings.aux_mlm_prob:g}, mu {settings.mu_aux:g}), "
        f"tagging {config.enable_tagging} (nu {settings.nu_tag:g}), "
        f"f2 {settings.enable_f2}, lambda_infill {settings.lambda_infill:g}, "
        f"freeze_infiller {settings.freezes_infiller}, template {config.template}, "
        f"encoder_passes {config.encoder_passes}"
    )
