"""The `data` dialect: the values of one event, and pure operations on them.

    %amount = data.get %tx["amount"] : f64
    %limit = data.constant 1000.0 : f64
    %hot = data.compare gt, %amount, %limit : f64

The frontend makes these operations from expressions; backends and the interpreter run them.
"""

from kumeo.dialects.data.constants import from_attribute, to_attribute
from kumeo.dialects.data.dialect import DATA
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.data.op import DataOp, Operand
from kumeo.dialects.data.ops_calls import CallOp, CastOp, FormatOp
from kumeo.dialects.data.ops_checks import RequireOp
from kumeo.dialects.data.ops_collections import ContainsOp, IndexOp, LenOp, ListOp, MapOp
from kumeo.dialects.data.ops_lists import AllOp, AnyOp, FilterOp, ListRegionOp, MapListOp, YieldOp
from kumeo.dialects.data.ops_options import CoalesceOp, IsSomeOp, NoneOp, SomeOp, UnwrapOp
from kumeo.dialects.data.ops_records import GetOp, RecordOp, SetOp
from kumeo.dialects.data.ops_scalars import (
    AddOp,
    AndOp,
    CompareOp,
    ConcatOp,
    DivOp,
    MulOp,
    NegOp,
    NotOp,
    OrOp,
    RemOp,
    SelectOp,
    SubOp,
)
from kumeo.dialects.data.ops_values import ConstantOp
from kumeo.dialects.data.types import (
    BOOL,
    BYTES,
    DURATION,
    FLOAT,
    INT,
    JSON,
    STR,
    TIME,
    BytesType,
    DataType,
    DurationType,
    EnumType,
    JsonType,
    ListType,
    MapType,
    OptionType,
    RecordType,
    StrType,
    TimeType,
    is_data_type,
    is_nullable,
    option_of,
)

__all__ = [
    "BOOL",
    "BYTES",
    "DATA",
    "DURATION",
    "FLOAT",
    "INT",
    "JSON",
    "STR",
    "TIME",
    "AddOp",
    "AllOp",
    "AndOp",
    "AnyOp",
    "BytesType",
    "CallOp",
    "CastOp",
    "CoalesceOp",
    "CompareOp",
    "ConcatOp",
    "ConstantOp",
    "ContainsOp",
    "DataFailure",
    "DataOp",
    "DataType",
    "DivOp",
    "DurationType",
    "EnumType",
    "FilterOp",
    "FormatOp",
    "GetOp",
    "IndexOp",
    "IsSomeOp",
    "JsonType",
    "LenOp",
    "ListOp",
    "ListRegionOp",
    "ListType",
    "MapListOp",
    "MapOp",
    "MapType",
    "MulOp",
    "NegOp",
    "NoneOp",
    "NotOp",
    "Operand",
    "OptionType",
    "OrOp",
    "RecordOp",
    "RecordType",
    "RemOp",
    "RequireOp",
    "SelectOp",
    "SetOp",
    "SomeOp",
    "StrType",
    "SubOp",
    "TimeType",
    "UnwrapOp",
    "YieldOp",
    "from_attribute",
    "is_data_type",
    "is_nullable",
    "option_of",
    "to_attribute",
]
