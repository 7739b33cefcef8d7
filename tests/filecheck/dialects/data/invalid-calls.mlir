// RUN: kumeo-opt %s --split-input-file --verify-diagnostics --allow-unregistered-dialect

// Calls, casts, templates and regions.

// The library is fixed.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{the library has no function "shout"}}
%a = data.call "shout"(%s) : !data.str

// -----

// Arguments have the types of a signature.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{"lower" does not take (f64)}}
%a = data.call "lower"(%x) : !data.str

// -----

// The result type is checked.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{the type here is !data.str, not f64}}
%a = data.call "lower"(%s) : f64

// -----

// A number never becomes text by a cast.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.cast: f64 never becomes !data.str}}
%a = data.cast %x : !data.str

// -----

// A cast gives data.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{i32 is no data type}}
%a = data.cast %x : i32

// -----

// Required fields do not appear from nowhere.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{never becomes}}
%a = data.cast %r : !data.record<{a: f64, b: f64}>

// -----

// Holes are distinct.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.format hole "a" is written twice}}
%a = data.format "" (a = %x, a = %x)

// -----

// Each hole has a value.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.format has 1 values for 0 holes}}
%a = "data.format"(%x) <{template = "", holes = []}> : (f64) -> !data.str

// -----

// Only lists have items.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.all needs a list, not f64}}
%a = data.all %q : f64 in %x { data.yield %q : f64 }

// -----

// The argument is the item.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.all needs a region with one argument of f64}}
%a = data.all %q : i64 in %l { data.yield %q : i64 }

// -----

// A filter yields a truth value.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.filter yields i1, not f64}}
%a = data.filter %q : f64 in %l { data.yield %q : f64 }

// -----

// The yielded type is checked.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{the region yields f64, not i64}}
%a = data.map %q : f64 in %l -> i64 { data.yield %q : f64 }

// -----

// A region yields one value.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{needs a region that ends in data.yield of one value}}
%a = data.map %q : f64 in %l -> f64 { data.yield }

// -----

// A region ends in a yield.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{needs a region that ends in data.yield of one value}}
%a = data.any %q : f64 in %l { "test.op"() : () -> () }
