"""The `data` dialect object: its operations, types and how folded constants become operations."""

from xdsl.dialect_interfaces.constant_materialization import ConstantMaterializationInterface
from xdsl.ir import Attribute, Dialect, Operation

from kumeo.dialects.data import (
    ops_calls,
    ops_checks,
    ops_collections,
    ops_lists,
    ops_options,
    ops_records,
    ops_scalars,
    ops_values,
    types,
)


class DataConstants(ConstantMaterializationInterface):
    """Makes `data.constant` for the results of folding."""

    def materialize_constant(self, value: Attribute, type: Attribute) -> Operation | None:
        """Return the constant operation."""
        return ops_values.ConstantOp(value, type)


DATA = Dialect(
    "data",
    [
        ops_values.ConstantOp,
        ops_records.RecordOp,
        ops_records.GetOp,
        ops_records.SetOp,
        ops_collections.ListOp,
        ops_collections.MapOp,
        ops_collections.IndexOp,
        ops_collections.LenOp,
        ops_collections.ContainsOp,
        ops_options.SomeOp,
        ops_options.NoneOp,
        ops_options.IsSomeOp,
        ops_options.UnwrapOp,
        ops_options.CoalesceOp,
        ops_scalars.CompareOp,
        ops_scalars.AddOp,
        ops_scalars.SubOp,
        ops_scalars.MulOp,
        ops_scalars.DivOp,
        ops_scalars.RemOp,
        ops_scalars.NegOp,
        ops_scalars.AndOp,
        ops_scalars.OrOp,
        ops_scalars.NotOp,
        ops_scalars.SelectOp,
        ops_scalars.ConcatOp,
        ops_calls.FormatOp,
        ops_calls.CallOp,
        ops_calls.CastOp,
        ops_checks.RequireOp,
        ops_lists.MapListOp,
        ops_lists.FilterOp,
        ops_lists.AllOp,
        ops_lists.AnyOp,
        ops_lists.YieldOp,
    ],
    [
        types.StrType,
        types.BytesType,
        types.TimeType,
        types.DurationType,
        types.JsonType,
        types.OptionType,
        types.ListType,
        types.MapType,
        types.EnumType,
        types.RecordType,
    ],
    [DataConstants()],
)
