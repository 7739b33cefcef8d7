// RUN: kumeo-opt %s --split-input-file --verify-diagnostics --allow-unregistered-dialect

// Shapes: how many axes, how long, and where the batch is.
%x = "t.v"() : () -> tensor<?xf64>
%x2 = "t.v"() : () -> tensor<?x2xf64>
%i = "t.v"() : () -> tensor<?xi64>
%c = "t.v"() : () -> tensor<?xi1>
%y2 = "t.v"() : () -> tensor<2x?xf64>
%k = "t.v"() : () -> tensor<2x3xf64>
%x3 = "t.v"() : () -> tensor<?x3xf64>
%kk = "t.v"() : () -> tensor<2x2xi64>
%col = "t.v"() : () -> tensor<1x?xf64>
%one = "t.v"() : () -> tensor<?x1xf64>
%e = "t.v"() : () -> tensor<?x0xf64>
// expected-error@+1 {{the shapes [?x2], [?x3] do not fit each other}}
%r0 = infer.add (%x2, %x3) : (tensor<?x2xf64>, tensor<?x3xf64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{the shapes [?x2], [?] do not fit each other}}
%r2 = infer.add (%x2, %x) : (tensor<?x2xf64>, tensor<?xf64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{the shapes [?x2], [2x?] do not fit each other}}
%r4 = infer.add (%x2, %y2) : (tensor<?x2xf64>, tensor<2x?xf64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{the batch stands at two places}}
%r6 = infer.mul (%col, %one) : (tensor<1x?xf64>, tensor<?x1xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{the axis 2 is outside of rank 2}}
%r8 = infer.column (%x2) axis 2 : i64 index 0 : i64 : (tensor<?x2xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{the axis -1 is outside of rank 2}}
%r10 = infer.softmax (%x2) axis -1 : i64 : (tensor<?x2xf64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{axis 1 of [?x2] has no fixed place 2}}
%r12 = infer.column (%x2) axis 1 : i64 index 2 : i64 : (tensor<?x2xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{axis 0 of [?x2] has no fixed place 0}}
%r14 = infer.column (%x2) axis 0 : i64 index 0 : i64 : (tensor<?x2xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{the axis 2 is outside of rank 2}}
%r16 = infer.gather (%k, %i) axis 2 : i64 : (tensor<2x3xf64>, tensor<?xi64>) -> (tensor<2x3xf64>)
// expected-error@+1 {{the indices are no tensor of i64}}
%r18 = infer.gather (%k, %x) axis 0 : i64 : (tensor<2x3xf64>, tensor<?xf64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{rows of the batch cannot be looked up}}
%r20 = infer.gather (%x2, %kk) axis 0 : i64 : (tensor<?x2xf64>, tensor<2x2xi64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{table and indices both have a batch}}
%r22 = infer.gather (%x2, %i) axis 1 : i64 : (tensor<?x2xf64>, tensor<?xi64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{[?x2] and [?x3] have no product}}
%r24 = infer.matmul (%x2, %x3) : (tensor<?x2xf64>, tensor<?x3xf64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{[2x?] and [?x2] have no product}}
%r26 = infer.matmul (%y2, %x2) : (tensor<2x?xf64>, tensor<?x2xf64>) -> (tensor<2x2xf64>)
// expected-error@+1 {{[?] and [2x3] have no product}}
%r28 = infer.matmul (%x, %k) : (tensor<?xf64>, tensor<2x3xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{both factors have a batch that does not meet}}
%r30 = infer.matmul (%x2, %y2) : (tensor<?x2xf64>, tensor<2x?xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{multiplies tensors of one float type}}
%r32 = infer.matmul (%kk, %k) : (tensor<2x2xi64>, tensor<2x3xf64>) -> (tensor<2x3xf64>)
// expected-error@+1 {{the batch cannot be reduced: rows would mix}}
%r34 = infer.reduce_sum (%x2) axes array<i64: 0> : (tensor<?x2xf64>) -> (tensor<2xf64>)
// expected-error@+1 {{an axis of [2] is outside of rank 2}}
%r36 = infer.reduce_max (%x2) axes array<i64: 2> : (tensor<?x2xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{an axis stands twice}}
%r38 = infer.reduce_min (%x2) axes array<i64: 1, 1> : (tensor<?x2xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{reduces numbers, not truth values}}
%r40 = infer.reduce_sum (%c) axes array<i64> : (tensor<?xi1>) -> (tensor<?xi1>)
// expected-error@+1 {{looks for the largest number of an axis that is not the batch}}
%r42 = infer.argmax (%x2) axis 0 : i64 : (tensor<?x2xf64>) -> (tensor<2xi64>)
// expected-error@+1 {{needs floats, and an axis that is not the batch}}
%r44 = infer.softmax (%x2) axis 0 : i64 : (tensor<?x2xf64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{an axis of [1] in [?x2] is longer than 1}}
%r46 = infer.squeeze (%x2) axes array<i64: 1> : (tensor<?x2xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{names 1 of 2 axes}}
%r48 = infer.transpose (%x2) axes array<i64: 1> : (tensor<?x2xf64>) -> (tensor<2x?xf64>)
// expected-error@+1 {{an axis stands twice}}
%r50 = infer.transpose (%x2) axes array<i64: 1, 1> : (tensor<?x2xf64>) -> (tensor<2x?xf64>)
// expected-error@+1 {{an axis of [5] is outside of rank 3}}
%r52 = infer.expand_dims (%x2) axes array<i64: 5> : (tensor<?x2xf64>) -> (tensor<?x1x2xf64>)
// expected-error@+1 {{a list of integers is missing}}
%r54 = infer.expand_dims (%x2) axes array<f64: 1.0> : (tensor<?x2xf64>) -> (tensor<?x1x2xf64>)
// expected-error@+1 {{[?x2] does not fit into [?x3]}}
%r56 = infer.reshape (%x2) shape array<i64: -1, 3> : (tensor<?x2xf64>) -> (tensor<?x3xf64>)
// expected-error@+1 {{[?x2] does not fit into [2]}}
%r58 = infer.reshape (%x2) shape array<i64: 2> : (tensor<?x2xf64>) -> (tensor<2xf64>)
// expected-error@+1 {{the rows of the batch would be mixed}}
%r60 = infer.reshape (%x2) shape array<i64: 2, -1> : (tensor<?x2xf64>) -> (tensor<2x?xf64>)
// expected-error@+1 {{the rows of the batch would be mixed}}
%r62 = infer.reshape (%y2) shape array<i64: -1, 2> : (tensor<2x?xf64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{tensor<?x0xf64> has no elements}}
%r64 = infer.reduce_max (%e) axes array<i64: 1> : (tensor<?x0xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{the operands do not fit each other}}
%r66 = infer.concat (%x2, %x3) axis 0 : i64 : (tensor<?x2xf64>, tensor<?x3xf64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{the operands have different ranks}}
%r68 = infer.concat (%x2, %x) axis 1 : i64 : (tensor<?x2xf64>, tensor<?xf64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{batches cannot be joined: rows would change}}
%r70 = infer.concat (%x2, %x2) axis 0 : i64 : (tensor<?x2xf64>, tensor<?x2xf64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{joins nothing}}
%r72 = infer.concat () axis 0 : i64 : () -> (tensor<?x2xf64>)
