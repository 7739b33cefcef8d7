// RUN: kumeo-opt %s --split-input-file --verify-diagnostics --allow-unregistered-dialect

// Operands of records, lists, maps and options.

// A field exists.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{has no field "b"}}
%a = data.get %r["b"] : f64

// -----

// A number has no fields.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.get reads records and json, not f64}}
%a = data.get %x["b"] : f64

// -----

// A field keeps its type.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.set: "a" is f64, not i64}}
%a = data.set %r["a"], %i

// -----

// JSON is not changed.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
%j = data.cast %x : !data.json
// expected-error@+1 {{data.set changes records, not !data.json}}
%a = data.set %j["a"], %i

// -----

// Fields are distinct.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.record field "a" is written twice}}
%a = data.record {a = %x, a = %x}

// -----

// Values have the types of the fields.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.record field "a" is i64, its value is f64}}
%a = "data.record"(%x) : (f64) -> !data.record<{a: i64}>

// -----

// Each field has a value.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.record has 1 values for 2 fields}}
%a = "data.record"(%x) : (f64) -> !data.record<{a: f64, b: f64}>

// -----

// Items have the type of the list.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.list item 1 is i64, not f64}}
%a = data.list [%x, %i] : !data.list<f64>

// -----

// A list gives a list.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.list gives a list, not f64}}
%a = data.list [%x] : f64

// -----

// Keys are distinct.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.make_map key "a" is written twice}}
%a = data.make_map {a = %x, a = %x} : !data.map<f64>

// -----

// Each key has a value.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.make_map has 2 keys for 1 values}}
%a = "data.make_map"(%x) <{keys = ["a", "b"]}> : (f64) -> !data.map<f64>

// -----

// A list is read by position.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.index of !data.list<f64> by !data.str has no meaning}}
%a = data.index %l, %s : f64

// -----

// A number has no length.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.len: f64 has no length}}
%a = data.len %x

// -----

// A list holds its items only.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.contains: !data.list<f64> cannot hold i64}}
%a = data.contains %l, %i

// -----

// A number is never null.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.is_some: f64 is never null}}
%a = data.is_some %x

// -----

// Only an option is unwrapped.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
// expected-error@+1 {{data.unwrap of f64}}
%a = data.unwrap %x : f64

// -----

// Null belongs to an option.
// expected-error@+1 {{data.none gives an option, not f64}}
%a = data.none : f64

// -----

// The default fits the option.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
%o = data.some %x : !data.option<f64>
// expected-error@+1 {{data.coalesce of !data.option<f64> with default i64 has no meaning}}
%a = data.coalesce %o, %i : f64

// -----

// An option holds no option.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%r = data.record {a = %x}
%l = data.list [%x] : !data.list<f64>
%o = data.some %x : !data.option<f64>
// expected-error@+1 {{data.option cannot hold !data.option<f64>}}
%a = data.some %o : !data.option<f64>
