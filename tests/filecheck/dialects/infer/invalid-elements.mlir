// RUN: kumeo-opt %s --split-input-file --verify-diagnostics --allow-unregistered-dialect

// Element types, and what an op does with them.
%x = "t.v"() : () -> tensor<?xf64>
%i = "t.v"() : () -> tensor<?xi64>
%c = "t.v"() : () -> tensor<?xi1>
%z = "t.v"() : () -> tensor<?xf32>
%xx = "t.v"() : () -> tensor<?x?xf64>
%i32 = "t.v"() : () -> tensor<?xi32>
%s = "t.v"() : () -> f64
%u = "t.v"() : () -> tensor<*xf64>
%str = "t.v"() : () -> !data.str
// expected-error@+1 {{tensor<?x?xf64> has two dynamic dimensions: only the batch is dynamic}}
%r0 = infer.neg (%xx) : (tensor<?x?xf64>) -> (tensor<?x?xf64>)
// expected-error@+1 {{tensor<?xi32>: the elements are f32, f64, i64 or i1}}
%r2 = infer.neg (%i32) : (tensor<?xi32>) -> (tensor<?xi32>)
// expected-error@+1 {{f64 is no tensor}}
%r4 = infer.neg (%s) : (f64) -> (f64)
// expected-error@+1 {{tensor<*xf64> is no tensor}}
%r6 = infer.neg (%u) : (tensor<*xf64>) -> (tensor<*xf64>)
// expected-error@+1 {{!data.str is no tensor}}
%r8 = infer.is_nan (%str) : (!data.str) -> (tensor<?xi1>)
// expected-error@+1 {{gives tensor<?xf64>, not tensor<?xf32>}}
%r10 = infer.neg (%x) : (tensor<?xf64>) -> (tensor<?xf32>)
// expected-error@+1 {{takes 2 operands, not 1}}
%r12 = infer.add (%x) : (tensor<?xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{the operands have different element types}}
%r14 = infer.add (%x, %z) : (tensor<?xf64>, tensor<?xf32>) -> (tensor<?xf64>)
// expected-error@+1 {{the operands have different element types}}
%r16 = infer.mul (%x, %i) : (tensor<?xf64>, tensor<?xi64>) -> (tensor<?xf64>)
// expected-error@+1 {{the elements are i1, not numbers}}
%r18 = infer.add (%c, %c) : (tensor<?xi1>, tensor<?xi1>) -> (tensor<?xi1>)
// expected-error@+1 {{the elements are f64, not truth values}}
%r20 = infer.and (%x, %x) : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xi1>)
// expected-error@+1 {{the elements are i64, not f32 or f64}}
%r22 = infer.div (%i, %i) : (tensor<?xi64>, tensor<?xi64>) -> (tensor<?xi64>)
// expected-error@+1 {{the elements are i64, not f32 or f64}}
%r24 = infer.sqrt (%i) : (tensor<?xi64>) -> (tensor<?xi64>)
// expected-error@+1 {{only floats may be no number}}
%r26 = infer.is_nan (%i) : (tensor<?xi64>) -> (tensor<?xi1>)
// expected-error@+1 {{unknown predicate `less`: write one of lt, le, gt, ge, eq, ne}}
%r28 = infer.compare (%x, %x) predicate "less" : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xi1>)
// expected-error@+1 {{truth values have no order: `lt` does not fit}}
%r30 = infer.compare (%c, %c) predicate "lt" : (tensor<?xi1>, tensor<?xi1>) -> (tensor<?xi1>)
// expected-error@+1 {{the operands have different element types}}
%r32 = infer.compare (%x, %i) predicate "eq" : (tensor<?xf64>, tensor<?xi64>) -> (tensor<?xi1>)
// expected-error@+1 {{the condition is no tensor of i1}}
%r34 = infer.select (%x, %x, %x) : (tensor<?xf64>, tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{the operands have different element types}}
%r36 = infer.select (%c, %x, %i) : (tensor<?xi1>, tensor<?xf64>, tensor<?xi64>) -> (tensor<?xf64>)
// expected-error@+1 {{no element type `f16`: write one of f32, f64, i64, i1}}
%r38 = infer.cast (%x) to "f16" : (tensor<?xf64>) -> (tensor<?xf32>)
