// RUN: kumeo-opt %s --split-input-file --verify-diagnostics --allow-unregistered-dialect

// Ops that stand for whole agents.
workflow.model @net bayesian("n.bif")
workflow.model @m onnx("m.onnx")
%x = "t.v"() : () -> tensor<?xf64>
%x2 = "t.v"() : () -> tensor<?x2xf64>
%i = "t.v"() : () -> tensor<?xi64>
%c = "t.v"() : () -> tensor<?xi1>
%y2 = "t.v"() : () -> tensor<2x?xf64>
%x3 = "t.v"() : () -> tensor<?x3xf64>
%s = "t.v"() : () -> f64
// expected-error@+1 {{each piece of evidence needs a name}}
%r0, %s0 = infer.bayes @net (%i) names [] query "Q" states 2 : i64 : (tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
// expected-error@+1 {{a variable is given twice}}
%r2, %s2 = infer.bayes @net (%i, %i) names ["A", "A"] query "Q" states 2 : i64 : (tensor<?xi64>, tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
// expected-error@+1 {{`Q` is both evidence and asked for}}
%r4, %s4 = infer.bayes @net (%i) names ["Q"] query "Q" states 2 : i64 : (tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
// expected-error@+1 {{`B` is optional but not given}}
%r6, %s6 = infer.bayes @net (%i) names ["A"] query "Q" states 2 : i64 optional ["B"] : (tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
// expected-error@+1 {{evidence is tensor<?xi64>}}
%r8, %s8 = infer.bayes @net (%x) names ["A"] query "Q" states 2 : i64 : (tensor<?xf64>) -> (tensor<?x2xf64>, tensor<?xi1>)
// expected-error@+1 {{the number of states is positive}}
%r10, %s10 = infer.bayes @net (%i) names ["A"] query "Q" states 0 : i64 : (tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
// expected-error@+1 {{gives tensor<?x3xf64>, tensor<?xi1>, not tensor<?x2xf64>, tensor<?xi1>}}
%r12, %s12 = infer.bayes @net (%i) names ["A"] query "Q" states 3 : i64 : (tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
// expected-error@+1 {{the mode is "leq" or "lt"}}
%r14 = infer.trees (%x2) mode "less" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 0.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0, 0, 0> values dense<1.0> : tensor<3x1xf64> base array<f64: 0.0> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{the features are tensor<?xFxf32> or f64, not tensor<?xf64>}}
%r16 = infer.trees (%x) mode "leq" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 0.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0, 0, 0> values dense<1.0> : tensor<3x1xf64> base array<f64: 0.0> : (tensor<?xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{the features are tensor<?xFxf32> or f64, not tensor<2x?xf64>}}
%r18 = infer.trees (%y2) mode "leq" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 0.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0, 0, 0> values dense<1.0> : tensor<3x1xf64> base array<f64: 0.0> : (tensor<2x?xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{nodes lack parts}}
%r20 = infer.trees (%x2) mode "leq" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 0.5> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0, 0, 0> values dense<1.0> : tensor<3x1xf64> base array<f64: 0.0> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{nodes lack parts}}
%r22 = infer.trees (%x2) mode "leq" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 0.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0> values dense<1.0> : tensor<3x1xf64> base array<f64: 0.0> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{a root is no node}}
%r24 = infer.trees (%x2) mode "leq" roots array<i64: 3> feature array<i64: 0, 0, 0> threshold array<f64: 0.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0, 0, 0> values dense<1.0> : tensor<3x1xf64> base array<f64: 0.0> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{a root is no node}}
%r26 = infer.trees (%x2) mode "leq" roots array<i64> feature array<i64: 0, 0, 0> threshold array<f64: 0.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0, 0, 0> values dense<1.0> : tensor<3x1xf64> base array<f64: 0.0> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{a child of node 0 is no later node}}
%r28 = infer.trees (%x2) mode "leq" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 0.5, 0.0, 0.0> true_child array<i64: 0, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0, 0, 0> values dense<1.0> : tensor<3x1xf64> base array<f64: 0.0> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{a child of node 0 is no later node}}
%r30 = infer.trees (%x2) mode "leq" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 0.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: -1, -1, -1> missing_true array<i64: 0, 0, 0> values dense<1.0> : tensor<3x1xf64> base array<f64: 0.0> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{node 0 reads a feature outside of 2}}
%r32 = infer.trees (%x2) mode "leq" roots array<i64: 0> feature array<i64: 2, 0, 0> threshold array<f64: 0.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0, 0, 0> values dense<1.0> : tensor<3x1xf64> base array<f64: 0.0> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{`values` has one row for each node}}
%r34 = infer.trees (%x2) mode "leq" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 0.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0, 0, 0> values dense<1.0> : tensor<2x1xf64> base array<f64: 0.0> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{`values` are f32 or f64}}
%r36 = infer.trees (%x2) mode "leq" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 0.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0, 0, 0> values dense<1> : tensor<3x1xi64> base array<f64: 0.0> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{`base` has one number for each column of `values`}}
%r38 = infer.trees (%x2) mode "leq" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 0.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0, 0, 0> values dense<1.0> : tensor<3x1xf64> base array<f64: 0.0, 1.0> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{gives tensor<?x1xf64>, not tensor<?x1xf32>}}
%r40 = infer.trees (%x2) mode "leq" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 0.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0, 0, 0> values dense<1.0> : tensor<3x1xf64> base array<f64: 0.0> : (tensor<?x2xf64>) -> (tensor<?x1xf32>)
// expected-error@+1 {{weights are 2xN, and the bias has N numbers}}
%r42 = infer.linear (%x2) weights dense<1.0> : tensor<3x1xf64> bias dense<1.0> : tensor<1xf64> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{weights are 2xN, and the bias has N numbers}}
%r44 = infer.linear (%x2) weights dense<1.0> : tensor<2x1xf64> bias dense<1.0> : tensor<2xf64> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{`weights` is a tensor of f64}}
%r46 = infer.linear (%x2) weights dense<1.0> : tensor<2x1xf32> bias dense<1.0> : tensor<1xf64> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{a model has inputs and outputs}}
%r48 = infer.onnx @m () : () -> (tensor<?x1xf64>)
// expected-error@+1 {{f64 is no tensor}}
%r50 = infer.onnx @m (%s) : (f64) -> (tensor<?x1xf64>)
// expected-error@+1 {{tensor<2x?xf64> is no tensor with the batch in front}}
%r52 = infer.onnx @m (%y2) : (tensor<2x?xf64>) -> (tensor<?x1xf64>)
// expected-error@+1 {{decides by nothing}}
%r54 = infer.rules () : () -> (tensor<?xi64>)
// expected-error@+1 {{a condition is tensor<?xi1>}}
%r56 = infer.rules (%c, %x) : (tensor<?xi1>, tensor<?xf64>) -> (tensor<?xi64>)
// expected-error@+1 {{unknown method `mean`: write one of weighted_sum, weighted_product, topsis}}
%r58 = infer.score (%x, %x) method "mean" weights array<f64: 1.0, 2.0> : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{each criterion has a weight}}
%r60 = infer.score (%x) method "topsis" weights array<f64: 1.0, 2.0> : (tensor<?xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{weights are positive numbers}}
%r62 = infer.score (%x, %x) method "topsis" weights array<f64: 0.0, 0.0> : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{weights are positive numbers}}
%r64 = infer.score (%x, %x) method "topsis" weights array<f64: 2.0, -1.0> : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>)
// expected-error@+1 {{a criterion is tensor<?xf64>, or tensor<?xMxf64> for topsis}}
%r66 = infer.score (%x2, %x2) method "weighted_sum" weights array<f64: 1.0, 2.0> : (tensor<?x2xf64>, tensor<?x2xf64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{criteria have different types}}
%r68 = infer.score (%x2, %x3) method "topsis" weights array<f64: 1.0, 2.0> : (tensor<?x2xf64>, tensor<?x3xf64>) -> (tensor<?x2xf64>)
// expected-error@+1 {{criteria have different types}}
%r70 = infer.score (%x, %x2) method "topsis" weights array<f64: 1.0, 2.0> : (tensor<?xf64>, tensor<?x2xf64>) -> (tensor<?xf64>)
