"""One run of a variant: build the model, train or count, choose thresholds, score. Called again, it resumes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel

from gaprelm.counts.model import CountModel
from gaprelm.data.pairs import label_again
from gaprelm.data.records import ScoredSentence
from gaprelm.data.sources import DEV
from gaprelm.data.tables import labelled_types, read_scored_sentences, read_texts
from gaprelm.edits.label_rules import LabelRules
from gaprelm.edits.proposed import ProposedEdit
from gaprelm.evaluation.calibration import DevScores, Scores, best_thresholds, weighted
from gaprelm.evaluation.metrics import BETAS
from gaprelm.json_files import read_json, write_json
from gaprelm.model.initial import initial_bert, initial_model
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.resources import Resources
from gaprelm.stages import STAGES, position
from gaprelm.studies.ablations.counted import counted
from gaprelm.studies.baselines import CHANNEL, GAP_RELM
from gaprelm.studies.baselines.tagging import TaggingConfig, TaggingModel
from gaprelm.studies.baselines.task import register_taggers
from gaprelm.training.checkpoints import fingerprint
from gaprelm.training.kinds import load_trainable, make_task
from gaprelm.training.settings import StageSettings
from gaprelm.training.stage import train_stage

logger = logging.getLogger(__name__)

_SECONDS = "seconds.json"


@dataclass(frozen=True)
class RunFiles:
    """Where a run finds its data and writes its results.

    common: keys of ``StageSettings`` that are equal in all runs (data, hardware).
    texts: tables of the training sentences: the vocabulary of a tiny encoder, and what is counted.
    pairs: those of the texts that are pairs.
    counts: the counts that a model starts from, or None.
    tests: aligned files by name, including the sets that choose thresholds.
    directory: of this run.
    """

    common: Mapping[str, Any]
    texts: list[Path]
    tests: Mapping[str, Path]
    directory: Path
    pairs: list[Path] = field(default_factory=list)
    counts: Path | None = None


@dataclass(frozen=True)
class Finished:
    """A corrector that can propose edits, and what it cost.

    seconds: wall and processor seconds of training or counting.
    threads: of the process.
    """

    propose: Callable[[Sequence[str]], list[list[ProposedEdit]]]
    parameters: int
    seconds: dict[str, float]
    threads: int


def run(settings: Mapping[str, Any], files: RunFiles) -> dict[str, Any] | None:
    """Train, or count, and score one variant with one seed.

    Args:
        settings: from ``gaprelm.studies.ablations.variants.run_settings``.

    Returns:
        the scores; None if SIGTERM ended the training, with a checkpoint.
    """
    finished = _counted(settings, files) if settings["architecture"] == CHANNEL else _trained(settings, files)
    return finished and _scores(settings, finished, files)


def _counted(settings: Mapping[str, Any], files: RunFiles) -> Finished:
    wall, processor = time.perf_counter(), time.process_time()
    proposer, parameters = counted(settings, files.texts, files.pairs, list(files.common["dev_data"].values()))
    seconds = {"wall": time.perf_counter() - wall, "processor": time.process_time() - processor}
    return Finished(proposer, parameters, seconds, threads=1)


def _trained(settings: Mapping[str, Any], files: RunFiles) -> Finished | None:
    register_taggers()
    start = files.directory / "initial"
    model, vocabulary = _initial(settings, files)
    model.save_pretrained(start)
    vocabulary.save(start)
    files = _with_own_labels(files, LabelRules.of(model.config))
    # The settings come as JSON with sorted keys, which is not the order of training.
    for stage in sorted(settings["stages"], key=position):
        stage_settings = _stage_settings(settings["stages"][stage], stage, start, files)
        start = files.directory / STAGES[stage].directory
        if _is_finished(stage_settings):
            logger.info("%s is finished already", start)
        elif not _timed(stage_settings, files.directory / _SECONDS):
            return None
    # The decorator of ``to`` in transformers hides that it is a method.
    device = "cuda" if stage_settings.num_gpus else "cpu"
    model = load_trainable(start).to(device)  # pyright: ignore[reportArgumentType]
    model.eval()
    propose = make_task(model, vocabulary, stage_settings).proposer(model, 32)
    return Finished(propose, model.num_parameters(), _training_seconds(settings, files), torch.get_num_threads())


def _initial(settings: Mapping[str, Any], files: RunFiles) -> tuple[PreTrainedModel, CharacterVocabulary]:
    texts = (text for path in files.texts for text in read_texts(path))
    model = settings["model"]
    if settings["architecture"] == GAP_RELM:
        counts = CountModel.load(files.counts) if files.counts and model["switches"]["enable_counts"] else None
        return initial_model(texts=texts, counts=counts, **model)
    switches = model["switches"]
    names = ("max_insert_num", "max_seq_length", "proposal_threshold")
    bert, vocabulary = initial_bert(
        model["pretrained_model"], switches["max_seq_length"], model["tiny"], model["dropout"], model["seed"], texts
    )
    limits = {name: switches[name] for name in names}
    config = TaggingConfig(bert.config.to_diff_dict(), settings["architecture"], **limits)
    return TaggingModel.from_bert(bert, config), vocabulary


def _with_own_labels(files: RunFiles, rules: LabelRules) -> RunFiles:
    """The files of a run, with pairs that are labelled for the types of edits that its model learns.

    The experiment's tables are labelled for the experiment's switches; a variant with other switches gets its own.
    """
    tables = []
    for number, table in enumerate(map(Path, files.common["train_data"])):
        if labelled_types(table) != rules.edit_types:
            own = files.directory / "template" / f"{number}.parquet"
            label_again(table, own, rules)
            table = own
        tables.append(str(table))
    return replace(files, common={**files.common, "train_data": tables})


def _stage_settings(values: Mapping[str, Any], stage: str, start: Path, files: RunFiles) -> StageSettings:
    folder = files.directory
    return StageSettings(
        **values,
        **files.common,
        initial_model=str(start),
        resume_from=None,
        output_dir=str(folder / STAGES[stage].directory),
        work_dir=str(folder / "work"),
        tensorboard_dir=str(folder / "tensorboard" / stage),
        log_file=str(folder / "training.log"),
        history_file=str(folder / "history" / f"{stage}.json"),
        experiment_name=f"{folder.parent.name}, seed {values['seed']}",
    )


def _is_finished(settings: StageSettings) -> bool:
    path = Path(settings.output_dir) / "training_args.json"
    return path.is_file() and read_json(path)["fingerprint"] == fingerprint(settings, 1)


def _timed(settings: StageSettings, path: Path) -> bool:
    """Train a stage, and add its wall and CPU seconds to the file, where interruptions by SIGTERM are summed up too."""
    run = fingerprint(settings, 1)
    seconds = _stage_seconds(path)
    before = seconds.get(settings.stage, {})
    before = before if before.get("fingerprint") == run else {"wall": 0.0, "processor": 0.0}
    wall, processor = time.perf_counter(), time.process_time()
    finished = train_stage(settings)
    seconds[settings.stage] = {
        "fingerprint": run,
        "wall": before["wall"] + time.perf_counter() - wall,
        "processor": before["processor"] + time.process_time() - processor,
    }
    write_json(path, seconds)
    return finished


def _stage_seconds(path: Path) -> dict[str, dict[str, Any]]:
    return read_json(path) if path.is_file() else {}


def _training_seconds(settings: Mapping[str, Any], files: RunFiles) -> dict[str, float]:
    trained = _stage_seconds(files.directory / _SECONDS)
    seconds = [trained[name] for name in settings["stages"] if name in trained]
    return {name: sum(stage[name] for stage in seconds) for name in ("wall", "processor")}


def _scores(settings: Mapping[str, Any], finished: Finished, files: RunFiles) -> dict[str, Any]:
    """The scores on each set, with thresholds from the set that chooses for it."""
    annotator = Annotator(Resources.load(files.common["scoring_resources"]))
    sentences = {name: read_scored_sentences(path) for name, path in files.tests.items()}
    begin = time.perf_counter()
    proposals = {name: finished.propose([s.source for s in items]) for name, items in sentences.items()}
    rate = sum(map(len, sentences.values())) / (time.perf_counter() - begin)
    scores = {name: DevScores(items, proposals[name], annotator) for name, items in sentences.items()}
    selecting: dict[str, Scores] = dict(scores)
    if dev_weights := files.common["dev_weights"]:
        selecting[DEV] = weighted({name: scores[name] for name in dev_weights}, dev_weights)
    return {
        "parameters": finished.parameters,
        "seconds": finished.seconds,
        "sentences_per_second": rate,
        "threads": finished.threads,
        "tests": {
            test: _at_points(scores[test], selecting[name], settings["objective"], sentences[test], proposals[test])
            for test, name in settings["select"].items()
        },
    }


def _at_points(
    scores: DevScores,
    selecting: Scores,
    objective: str,
    sentences: list[ScoredSentence],
    proposals: list[list[ProposedEdit]],
) -> dict[str, Any]:
    """The scores at each operating point; ``selecting`` chooses the thresholds."""
    points = {}
    for name, beta in BETAS.items():
        thresholds = best_thresholds(selecting, beta, {}, objective)
        points[name] = {"thresholds": thresholds, **scores.metrics(thresholds, name)}
    return {"sentences": len(sentences), "proposals": sum(map(len, proposals)), "points": points}
