// RUN: kumeo-opt %s --split-input-file --verify-diagnostics --allow-unregistered-dialect

// The condition is a truth value, also where it may be missing.
%x = data.constant 1.0 : f64
// expected-error@+1 {{data.require: the condition is an i1, not f64}}
%a = data.require %x, %x "no" "never" : f64

// -----

%x = data.constant 1.0 : f64
%c = "any"() : () -> !data.option<i1>
// expected-error@+1 {{data.require: the condition is an i1, not !data.option<i1>}}
%a = data.require %c, %x "no" "never" : f64

// -----

// The result is the value.
%x = data.constant 1.0 : f64
%c = "any"() : () -> i1
// expected-error@+1 {{the type here is f64, not i64}}
%a = data.require %c, %x "no" "never" : i64
