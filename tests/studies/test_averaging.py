"""The average of two models, weight by weight, and what cannot be averaged."""

import pytest
import torch

from gaprelm.errors import CheckpointError, ConfigurationError
from gaprelm.studies.averaging import main
from gaprelm.studies.finished_models import finished_model


def test_each_weight_is_between_those_of_both(tmp_path, save_gap_relm):
    paths = [save_gap_relm(tmp_path / "a"), save_gap_relm(tmp_path / "b")]
    other, vocabulary = finished_model(paths[1])
    for weight in other.parameters():
        weight.data += 1
    other.save_pretrained(paths[1])
    main([*map(str, paths), "--share", "0.25", "--output", str(tmp_path / "mean")])
    first, mean = (finished_model(path)[0].state_dict() for path in (paths[0], tmp_path / "mean"))
    second = finished_model(paths[1])[0].state_dict()
    for name, weight in mean.items():
        torch.testing.assert_close(weight, 0.75 * first[name] + 0.25 * second[name])
    assert finished_model(tmp_path / "mean")[1].tokens == vocabulary.tokens


def test_what_cannot_be_averaged(tmp_path, save_gap_relm):
    a, b = save_gap_relm(tmp_path / "a"), save_gap_relm(tmp_path / "b", max_insert_num=2)
    with pytest.raises(CheckpointError, match=r"differ in config\.json or vocab\.txt\n  cure: "):
        main([str(a), str(b), "--output", str(tmp_path / "mean")])
    with pytest.raises(ConfigurationError, match=r"--share 1\.5; expected a number from 0 to 1"):
        main([str(a), str(a), "--share", "1.5", "--output", str(tmp_path / "mean")])
    with pytest.raises(ConfigurationError, match="is there\n  cure: "):
        main([str(a), str(a), "--output", str(b)])
