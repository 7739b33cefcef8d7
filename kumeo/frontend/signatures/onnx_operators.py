"""Which ONNX operators a model may hold: a list of those that are known to end and to stay small.

Everything else is refused, with a reason. `GROWING` operators are known too, but their results can
be far larger than the file; what they ask for is computed before a model is used
(`onnx_memory`).
"""

from typing import TYPE_CHECKING

from kumeo.frontend.errors.files import UnsafeModel
from kumeo.frontend.signatures.report import FileReport

if TYPE_CHECKING:
    from onnx.onnx_ml_pb2 import ModelProto, NodeProto


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DOMAINS = ("", "ai.onnx", "ai.onnx.ml")

GROWING = _words(
    """
    CenterCropPad Col2Im ConstantOfShape ConvTranspose Einsum Expand EyeLike BlackmanWindow
    HammingWindow HannWindow MaxUnpool MelWeightMatrix OneHot Pad Range Resize Tile Upsample
    """
)

_PLAIN = _words(
    """
    Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool
    BatchNormalization BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil Celu
    Clip Compress Concat ConcatFromSequence Constant Conv ConvInteger Cos Cosh CumSum DFT
    DeformConv DepthToSpace DequantizeLinear Det Div Dropout DynamicQuantizeLinear Elu Equal Erf
    Exp Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalLpPool
    GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization HardSigmoid HardSwish
    Hardmax Identity InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less
    LessOrEqual Log LogSoftmax LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool
    Mean MeanVarianceNormalization Min Mish Mod Mul Neg NonMaxSuppression NonZero Not Optional
    OptionalGetElement OptionalHasElement Or PRelu Pow QLinearConv QLinearMatMul QuantizeLinear
    RMSNormalization RNN Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax
    ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare RegexFullMatch Relu Reshape
    ReverseSequence RoiAlign RotaryEmbedding Round STFT Scatter ScatterElements ScatterND Selu
    SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength Shape
    Shrink Sigmoid Sign Sin Sinh Size Slice Softmax Softplus Softsign SpaceToDepth Split
    SplitToSequence Sqrt Squeeze StringConcat StringNormalizer StringSplit Sub Sum Swish Tan Tanh
    TfIdfVectorizer ThresholdedRelu TopK Transpose Trilu Unique Unsqueeze Where Xor
    """
)

_TRAINED = _words(
    """
    ArrayFeatureExtractor Binarizer CastMap CategoryMapper DictVectorizer FeatureVectorizer Imputer
    LabelEncoder LinearClassifier LinearRegressor Normalizer OneHotEncoder SVMClassifier
    SVMRegressor Scaler TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor ZipMap
    """
)

MAX_NODES = 200_000
"""More than any model for single events; the largest language models have a tenth of it."""

_INNER = "runs an inner graph, and such a graph may never end"
_CHANCE = "gives other numbers on every run"
REFUSED = {
    **dict.fromkeys(("If", "Loop", "Scan", "SequenceMap"), _INNER),
    **dict.fromkeys(("Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike"), _CHANCE),
    **dict.fromkeys(("RandomUniform", "RandomUniformLike"), _CHANCE),
    **dict.fromkeys(("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"), "is for training"),
    "ImageDecoder": "decodes files of foreign formats",
}
_FIX = "export the model for inference, with plain tensors and without control flow"


def check_operators(model: "ModelProto", report: FileReport) -> bool:
    """Refuse operators that are not known; return whether some result may be large.

    Raises: ReadError after the first refusal.
    """
    if model.functions:
        reason = f"it defines the operator `{str(model.functions[0].name)[:60]}` of its own"
        fix = "inline its functions with `onnx.inliner.inline_local_functions`"
        raise report.fatal(reason, fix=fix, kind=UnsafeModel)
    if len(model.graph.node) > MAX_NODES:
        raise report.fatal(f"it has more than {MAX_NODES} operators", kind=UnsafeModel)
    is_growing = False
    for node in model.graph.node:
        reason = refusal_of(node)
        if reason is not None:
            raise report.fatal(reason, fix=_FIX, kind=UnsafeModel)
        is_growing = is_growing or node.op_type in GROWING
    return is_growing


def refusal_of(node: "NodeProto") -> str | None:
    """Return why an operator is refused, None if it is known."""
    name, domain = str(node.op_type)[:60], str(node.domain)[:60]
    if domain not in DOMAINS:
        return f"operator `{name}` of domain `{domain}` needs code that is not part of ONNX"
    if any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
        return f"operator `{name}` {_INNER}"
    if domain == "ai.onnx.ml":
        return None if name in _TRAINED else f"operator `{name}` is not known"
    if name in REFUSED:
        return f"operator `{name}` {REFUSED[name]}"
    return None if name in _PLAIN or name in GROWING else f"operator `{name}` is not known"
