"""The ladder of language models: a sentence encoder on the disk is one more view, or is refused."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from pipeline import french
from pipeline.contract import UserError
from pipeline.tagging import features, sentence_encoder, tagger

MODEL = "sentence-transformers:models/essai"


class _Encoder:
    """An encoder of 6 numbers, drawn from the letters of the text."""

    def encode(self, texts: list[str], **_: object) -> np.ndarray:
        seeds = [int(hashlib.sha256(t.encode()).hexdigest()[:8], 16) for t in texts]
        rows = np.array([np.random.default_rng(seed).normal(size=6) for seed in seeds])
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _statements(*texts: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"statement_id": [f"s{i}" for i in range(len(texts))], "doc_id": "d", "heading": ""}
    ).assign(position=range(len(texts)), text=texts)


def test_a_spacy_model_has_no_sentence_vectors():
    """With a spaCy model nothing is encoded and nothing is loaded."""
    assert sentence_encoder.vectors(["a", "b"], model="fr_core_news_md").shape == (2, 0)


def test_a_missing_folder_is_named():
    """The message says which folder, and what to write instead."""
    with pytest.raises(UserError, match=r"« /nulle/part » .* fr_core_news_md"):
        sentence_encoder.vectors(["a"], model="sentence-transformers:/nulle/part")


def test_sentence_vectors_enter_both_models_and_are_kept(monkeypatch, tmp_path):
    """A tagger trained with an encoder uses it, remembers its width, and loads back the same."""
    monkeypatch.setattr(sentence_encoder, "_load", lambda _: _Encoder())
    words = ("Il manque un local.", "Merci à tous.", "Il faut un poste.", "Le square est calme.")
    statements = _statements(*(f"{text} ({i})" for i in range(6) for text in words))
    statements["doc_id"] = [f"d{i // 4}" for i in range(24)]
    tokens = features.parse(statements, model=MODEL)
    tags = ["frein", "autre", "proposition", "constat"] * 6
    labels = pd.DataFrame({"statement_id": statements["statement_id"], "tag": tags, "weight": 1.0})
    settings = {"sif": 0.001, "min_df": 1, "neighbour_weight": 0.5, "c_logistic": 1.0}
    settings |= {"c_svm": 0.2, "svm_sharpness": 1.5, "network_members": 1, "network_size": 8}
    settings |= {"network_epochs": 1, "network_min_df": 1, "network_dropout": 0.1}
    settings |= {"network_rate": 0.01, "context_weight": 0.3, "context_reach": 3.0, "folds": 2}
    settings |= {"seed": 1, "precision_target": 0.9, "model": MODEL}
    trained, _ = tagger.fit(statements, tokens, labels, **settings)
    assert (trained.linear.encoder.sentence_width, trained.network.extra) == (6, 6)
    tagger.save(trained, tmp_path)
    reading = {"heading_trust": 0.9, "second_threshold": 0.3}
    before = tagger.predict(trained, statements, tokens, **reading)
    after = tagger.predict(tagger.load(tmp_path), statements, tokens, **reading)
    pd.testing.assert_frame_equal(before, after)


def test_the_parse_comes_from_spacy():
    """A sentence encoder parses nothing: the default spaCy model does."""
    assert french.load_spacy(MODEL) is french.load_spacy("fr_core_news_md")


def test_a_real_encoder_built_here(tmp_path):
    """With the optional library, a tiny encoder saved in a folder gives unit vectors offline."""
    library = pytest.importorskip(
        "sentence_transformers",
        reason='extra « transformers » absent : pip install -e ".[transformers]"',
    )
    transformers = pytest.importorskip("transformers")
    (tmp_path / "vocab.txt").write_text(
        "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nil\nmanque\nun\nlocal\n",
        encoding="utf-8",
    )
    config = transformers.BertConfig(
        vocab_size=9,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=32,
    )
    transformers.BertModel(config).save_pretrained(tmp_path / "bert")
    transformers.BertTokenizer(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path / "bert")
    words = library.models.Transformer(str(tmp_path / "bert"))
    pool = library.models.Pooling(words.get_word_embedding_dimension())
    library.SentenceTransformer(modules=[words, pool]).save(str(tmp_path / "encodeur"))
    model = f"sentence-transformers:{tmp_path / 'encodeur'}"
    found = sentence_encoder.vectors(["Il manque un local.", "Un local"], model=model)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
