"""Finished runs with random weights, of Gap-ReLM and of the taggers, and files to score them on."""

import pytest
from transformers import BertForMaskedLM

from gaprelm.data.pairs import aligned_rows
from gaprelm.data.tables import ALIGNED, Sentence, write_table
from gaprelm.model.modeling import tiny_bert
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.studies.baselines.tagging import TaggingConfig, TaggingModel
from tests.conftest import SENTENCES, saved

# One character is wrong; none is; one is wrong and one is missing.
SPELLING = [
    ("我今天去学校上棵。", "我今天去学校上课。"),
    ("他在图书馆看书。", "他在图书馆看书。"),
    ("请把闷关。", "请把门关上。"),
]


@pytest.fixture
def save_tagger():
    """A function that saves a random tagger and its vocabulary in a new directory."""

    def save(directory, architecture):
        vocabulary = CharacterVocabulary.from_texts(SENTENCES)
        bert = tiny_bert(len(vocabulary), layers=1, hidden_size=32, heads=2, max_seq_length=32)
        config = TaggingConfig(bert.to_diff_dict(), architecture, max_seq_length=32)
        return saved(TaggingModel.from_bert(BertForMaskedLM(bert), config), vocabulary, directory)

    return save


@pytest.fixture
def save_gap_relm(make_model):
    """A function that saves a random Gap-ReLM and its vocabulary in a new directory."""
    return lambda directory, **switches: saved(*make_model(**switches), directory)


@pytest.fixture
def write_aligned(tmp_path):
    """A function that writes pairs of texts as an aligned file."""

    def write(pairs, name="aligned.parquet"):
        sentences = [Sentence(str(number), "set", source, [target]) for number, (source, target) in enumerate(pairs)]
        write_table(tmp_path / name, aligned_rows(sentences), ALIGNED)
        return tmp_path / name

    return write
