"""Agents that compute: functions of their operands, the same on every run.

Their facts are `PURE`: they may be dropped, merged and run early like any computation.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Unpack

from xdsl.dialects.builtin import ArrayAttr, FloatAttr, StringAttr, SymbolRefAttr, f64, i1
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    opt_prop_def,
    prop_def,
    region_def,
    traits_def,
    var_operand_def,
)
from xdsl.pattern_rewriter import RewritePattern
from xdsl.traits import HasCanonicalizationPatternsTrait
from xdsl.utils.exceptions import VerifyException

from kumeo.dialects.agent.attrs import Cost
from kumeo.dialects.agent.base import AgentOp, Shared, Value, names_attr, reference, require
from kumeo.dialects.data.types import (
    EnumType,
    JsonType,
    ListType,
    OptionType,
    RecordType,
    StrType,
)
from kumeo.dialects.facts import PURE, Facts
from kumeo.dialects.settings import from_setting, strings_of
from kumeo.dialects.symbols import Wanted

MODES = ("first_match", "all_match", "weighted_sum", "weighted_product", "topsis")
_RULE_MODES = MODES[:2]
HIT_POLICY = "hit_policy"
"""Attribute of a decision that promises something about its rules: `unique` or `any`."""
TIE = 1e-9
"""Scores that differ by less count as equal: sums in another order must not decide otherwise.

A score so close below a threshold reaches it. Of alternatives so close to the best one, the first
wins.
"""


class AgentPatterns(HasCanonicalizationPatternsTrait):
    """The canonicalization patterns of these agents."""

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        """Load the patterns when a pass first needs them."""
        from kumeo.dialects.agent.canonicalize import PATTERNS

        return PATTERNS


@irdl_op_definition
class ProcessOp(AgentOp):
    """Runs `data` ops as an agent of its own. The body sees only its arguments.

    %r = agent.process (%a) do (%x: f64) { … agent.yield %y : f64 }
      id "clean" site "clean" : (f64) -> f64
    """

    name = "agent.process"

    inputs = var_operand_def()
    body = region_def("single_block")

    BODY: ClassVar[bool] = True
    ARGUMENTS_NEVER_FAIL: ClassVar[bool] = True
    FACTS: ClassVar[Facts] = PURE
    traits = traits_def(AgentPatterns())

    def is_isolated(self, region: Region) -> bool:
        """The body reads its arguments alone; the fallback reads what stands above."""
        return region is self.body

    def __init__(
        self,
        agent_id: str,
        site: str,
        inputs: Sequence[Value],
        result_type: Attribute,
        region: Region | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        if region is None:
            region = Region(Block(arg_types=[SSAValue.get(value).type for value in inputs]))
        self.fill(agent_id, site, [list(inputs)], {}, result_type, shared, region)

    def verify_agent(self) -> None:
        """Check that the arguments of the region are the inputs."""
        require(
            tuple(self.body.block.arg_types) == tuple(self.inputs.types),
            "the arguments of the region differ from the inputs",
        )


@irdl_op_definition
class ModelOp(AgentOp):
    """Runs an ONNX or scikit-learn model.

    %r = agent.model @anomaly (amount = %a) id "anomaly" site "anomaly"
      : (f64) -> !data.record<{score: f64}>
    """

    name = "agent.model"

    model = prop_def(SymbolRefAttr)
    names = prop_def(ArrayAttr[StringAttr])
    inputs = var_operand_def()

    HEAD: ClassVar[tuple[tuple[str, str], ...]] = (("model", "symbol"),)
    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {
        "model": (Wanted("model", ("onnx", "sklearn")),)
    }
    NAMES: ClassVar[str | None] = "names"
    JUDGES: ClassVar[bool] = True
    COST: ClassVar[Cost] = Cost(latency_us=500)
    BATCH_MAX: ClassVar[int] = 256
    FACTS: ClassVar[Facts] = PURE

    def __init__(
        self,
        agent_id: str,
        site: str,
        model: str,
        inputs: Sequence[Value],
        names: Sequence[str],
        result_type: Attribute,
        **shared: Unpack[Shared],
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "model": reference(model),
            "names": names_attr(names),
        }
        self.fill(agent_id, site, [list(inputs)], properties, result_type, shared)

    @property
    def model_name(self) -> str:
        """Name of the `workflow.model`."""
        return self.model.string_value()

    def verify_agent(self) -> None:
        """Check that there is an input."""
        require(bool(self.inputs), "a model needs at least one input")


@irdl_op_definition
class BayesOp(AgentOp):
    """Asks a Bayesian network for distributions, given evidence; null evidence is no evidence.

    %r = agent.bayes @risk (region = %x) query ["fraud"] id "risk" site "risk"
      : (!data.str) -> !data.record<{fraud: !data.record<{yes: f64, no: f64}>}>
    """

    name = "agent.bayes"

    network = prop_def(SymbolRefAttr)
    names = prop_def(ArrayAttr[StringAttr])
    query = prop_def(ArrayAttr[StringAttr])
    evidence = var_operand_def()

    HEAD: ClassVar[tuple[tuple[str, str], ...]] = (("network", "symbol"),)
    SYMBOLS: ClassVar[Mapping[str, tuple[Wanted, ...]]] = {
        "network": (Wanted("model", ("bayesian",)), Wanted("context", ("bayesian",)))
    }
    NAMES: ClassVar[str | None] = "names"
    CLAUSES: ClassVar[tuple[str, ...]] = ("query",)
    JUDGES: ClassVar[bool] = True
    COST: ClassVar[Cost] = Cost(latency_us=2_000)
    BATCH_MAX: ClassVar[int] = 256
    FACTS: ClassVar[Facts] = PURE

    def __init__(
        self,
        agent_id: str,
        site: str,
        network: str,
        evidence: Sequence[Value],
        names: Sequence[str],
        query: Sequence[str],
        result_type: Attribute,
        **shared: Unpack[Shared],
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "network": reference(network),
            "names": names_attr(names),
            "query": names_attr(query),
        }
        self.fill(agent_id, site, [list(evidence)], properties, result_type, shared)

    @property
    def network_name(self) -> str:
        """Name of the network."""
        return self.network.string_value()

    def verify_agent(self) -> None:
        """Check the types of the evidence and the shape of the answer."""
        for value in self.evidence:
            inner = value.type.inner if isinstance(value.type, OptionType) else value.type
            is_state = inner == i1 or isinstance(inner, EnumType | StrType | JsonType)
            if not is_state:
                raise VerifyException(f"evidence is an enum, text or i1, not {value.type}")
        names, query = strings_of(self.names), strings_of(self.query)
        require(len(names) == len(self.evidence), "each piece of evidence needs a name")
        require(bool(query), "asks nothing: name a variable in `query`")
        both = sorted(set(names) & set(query))
        require(not both, f"`{both[0] if both else ''}` is both evidence and asked for")
        kind = self.result.type
        require(
            isinstance(kind, RecordType) and kind.names == query,
            "the result is a record with one field for each variable in `query`",
        )


@irdl_op_definition
class DecideOp(AgentOp):
    """Decides by rules (`first_match`, `all_match`) or by weighted criteria.

    %r = agent.decide first_match (big = %a, odd = %b) outcomes ["block", "review"]
      default "pass" id "route" site "route" : (i1, i1) -> !decision

    Rule modes read an i1 for each rule, and rule i gives outcome i. The other modes read a number
    for each criterion; the outcome with the highest threshold that the score reaches wins.
    """

    name = "agent.decide"

    mode = prop_def(StringAttr)
    rules = prop_def(ArrayAttr[StringAttr])
    outcomes = prop_def(ArrayAttr[StringAttr])
    weights = opt_prop_def(ArrayAttr[FloatAttr])
    thresholds = opt_prop_def(ArrayAttr[FloatAttr])
    default = opt_prop_def(StringAttr)
    inputs = var_operand_def()

    HEAD: ClassVar[tuple[tuple[str, str], ...]] = (("mode", "word"),)
    NAMES: ClassVar[str | None] = "rules"
    CLAUSES: ClassVar[tuple[str, ...]] = ("outcomes", "weights", "thresholds", "default")
    JUDGES: ClassVar[bool] = True
    COST: ClassVar[Cost] = Cost(latency_us=5)
    FACTS: ClassVar[Facts] = PURE
    traits = traits_def(AgentPatterns())

    def __init__(
        self,
        agent_id: str,
        site: str,
        mode: str,
        inputs: Sequence[Value],
        rules: Sequence[str],
        outcomes: Sequence[str],
        result_type: Attribute,
        *,
        weights: Sequence[float] | None = None,
        thresholds: Sequence[float] | None = None,
        default: str | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        properties: dict[str, Attribute | None] = {
            "mode": StringAttr(mode),
            "rules": names_attr(rules),
            "outcomes": names_attr(outcomes),
            "weights": _floats(weights),
            "thresholds": _floats(thresholds),
            "default": None if default is None else StringAttr(default),
        }
        self.fill(agent_id, site, [list(inputs)], properties, result_type, shared)

    @property
    def is_by_rules(self) -> bool:
        """Whether the operands are the conditions of rules."""
        return self.mode.data in _RULE_MODES

    def verify_agent(self) -> None:
        """Check the mode, the operands and that every outcome is a value of the decision."""
        require(
            self.mode.data in MODES,
            f"unknown mode `{self.mode.data}`: write one of {', '.join(MODES)}",
        )
        count = len(self.inputs)
        require(bool(count), "decides by nothing: give at least one rule or criterion")
        require(len(strings_of(self.rules)) == count, "each rule or criterion needs a name")
        if self.is_by_rules:
            self._verify_rules(count)
        else:
            self._verify_criteria(count)
        self._verify_result()

    def _verify_rules(self, count: int) -> None:
        require(all(t == i1 for t in self.inputs.types), "the condition of a rule is an i1")
        require(
            len(self.outcomes.data) == count,
            f"has {count} rules but {len(self.outcomes.data)} outcomes",
        )
        no_numbers = self.weights is None and self.thresholds is None
        require(no_numbers, f"`{self.mode.data}` takes no weights or thresholds")

    def _verify_criteria(self, count: int) -> None:
        number = ListType(f64) if self.mode.data == "topsis" else f64
        fits = all(t in (f64, number) for t in self.inputs.types)
        require(fits, "a criterion is an f64")
        weights = from_setting(self.weights) if self.weights is not None else [1.0] * count
        require(len(weights) == count, f"has {count} criteria but {len(weights)} weights")
        require(all(w >= 0 for w in weights) and sum(weights) > 0, "weights are positive numbers")
        if self.thresholds is not None:
            self._verify_thresholds(from_setting(self.thresholds))

    def _verify_thresholds(self, thresholds: Sequence[float]) -> None:
        count = len(self.outcomes.data)
        require(len(thresholds) == count, f"has {count} outcomes but {len(thresholds)} thresholds")
        rising = list(thresholds) == sorted(set(thresholds))
        require(rising, "thresholds rise from one outcome to the next")

    def _verify_result(self) -> None:
        kind = self.result.type
        decision = kind.field("decision") if isinstance(kind, RecordType) else None
        if self.mode.data == "all_match" and isinstance(decision, ListType):
            decision = decision.item
        if not isinstance(decision, EnumType):
            require(False, "the result is a record with an enum field `decision`")
            return
        default = [] if self.default is None else [self.default.data]
        for outcome in (*strings_of(self.outcomes), *default):
            known = ", ".join(decision.names)
            require(outcome in decision.names, f"the outcome `{outcome}` is none of {known}")


def _floats(values: Sequence[float] | None) -> Attribute | None:
    if values is None:
        return None
    return ArrayAttr([FloatAttr(float(value), f64) for value in values])
