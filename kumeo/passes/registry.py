"""Every pass of Kumeo: name -> where its class is. A pass is imported when a pipeline names it."""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import cast

from xdsl.passes import ModulePass

PassLoader = Callable[[], type[ModulePass]]

_CLASSES: Mapping[str, str] = {
    "agent-batch": "kumeo.passes.agent_batch:AgentBatchPass",
    "agent-dce": "kumeo.passes.agent_dce:AgentDcePass",
    "agent-dedupe": "kumeo.passes.agent_dedupe:AgentDedupePass",
    "agent-fuse": "kumeo.passes.agent_fuse:AgentFusePass",
    "assign-language": "kumeo.passes.assign_language:AssignLanguagePass",
    "assign-subjects": "kumeo.passes.assign_subjects:AssignSubjectsPass",
    "canonicalize": "kumeo.passes.canonicalize:CanonicalizePass",
    "carry-live-values": "kumeo.passes.carry_live_values:CarryLiveValuesPass",
    "cascade-llm": "kumeo.passes.cascade_llm:CascadeLlmPass",
    "check-cost": "kumeo.passes.check_cost:CheckCostPass",
    "check-deadlines": "kumeo.passes.check_deadlines:CheckDeadlinesPass",
    "check-domains": "kumeo.passes.check_domains:CheckDomainsPass",
    "check-flow-security": "kumeo.passes.check_flow_security:CheckFlowSecurityPass",
    "check-joins": "kumeo.passes.check_joins:CheckJoinsPass",
    "compact-edges": "kumeo.passes.compact_edges:CompactEdgesPass",
    "convert-to-messaging": "kumeo.passes.convert_to_messaging:ConvertToMessagingPass",
    "cse": "kumeo.passes.cse:CsePass",
    "dce": "kumeo.passes.dce:DcePass",
    "derive-permissions": "kumeo.passes.derive_permissions:DerivePermissionsPass",
    "drop-dead-features": "kumeo.passes.numeric.drop_dead_features:DropDeadFeaturesPass",
    "fold-config": "kumeo.passes.fold_config:FoldConfigPass",
    "fold-scalers": "kumeo.passes.numeric.fold_scalers:FoldScalersPass",
    "fuse-questions": "kumeo.passes.fuse_questions:FuseQuestionsPass",
    "inline-subworkflows": "kumeo.passes.inline_subworkflows:InlineSubworkflowsPass",
    "journal-effects": "kumeo.passes.journal_effects:JournalEffectsPass",
    "layout-prompts": "kumeo.passes.layout_prompts:LayoutPromptsPass",
    "lower-bayes": "kumeo.passes.numeric.lower_bayes:LowerBayesPass",
    "lower-decisions": "kumeo.passes.numeric.lower_decisions:LowerDecisionsPass",
    "fuse-infer": "kumeo.passes.numeric.fuse_infer:FuseInferPass",
    "outline-infer": "kumeo.passes.numeric.outline_infer:OutlineInferPass",
    "place-services": "kumeo.passes.place_services:PlaceServicesPass",
    "prune-fields": "kumeo.passes.prune_fields:PruneFieldsPass",
    "push-guards": "kumeo.passes.push_guards:PushGuardsPass",
    "rewrite": "kumeo.passes.rewrite:RewritePass",
    "schedule": "kumeo.passes.schedule:SchedulePass",
    "size-streams": "kumeo.passes.size_streams:SizeStreamsPass",
    "split-stages": "kumeo.passes.split_stages:SplitStagesPass",
    "strip-locations": "kumeo.passes.strip_locations:StripLocationsPass",
    "verify-level": "kumeo.passes.verify_level:VerifyLevelPass",
}

REPLACES_XDSL = frozenset({"canonicalize", "cse", "dce"})
"""Passes that stand in for xDSL's pass of the same name; a universe must not repeat a name."""


def load_pass(name: str) -> type[ModulePass]:
    """Return the class of a pass of Kumeo. Raises: KeyError for another name."""
    module, class_name = _CLASSES[name].split(":")
    return cast(type[ModulePass], getattr(import_module(module), class_name))


PASSES: Mapping[str, PassLoader] = {name: partial(load_pass, name) for name in _CLASSES}

UNIVERSE_PASSES: Mapping[str, PassLoader] = {
    name: loader for name, loader in PASSES.items() if name not in REPLACES_XDSL
}
"""What `kumeo.universe` offers to the tools of xDSL."""
